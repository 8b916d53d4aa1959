export { createEgress, type Egress, type EgressOptions } from './egress';
export { createOperatorClient, type OperatorClient } from './operator-client';
export { heddleUrl } from './own-data';

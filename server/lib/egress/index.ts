export { createEgress, type Egress, type EgressOptions } from './egress';
export { heddleUrl } from './own-data';

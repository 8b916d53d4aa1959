export { type GateState, getLimits, type Limits } from './get-limits';
export { setOrganizationLimit } from './set-organization-limit';
export { setProjectLimit } from './set-project-limit';

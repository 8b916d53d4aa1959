export { checkReadiness, type Readiness } from './check-readiness';
export { type StatusCheck, type SystemStatus, checkStatus } from './check-status';

export { checkReadiness, type Readiness } from './check-readiness';
export { checkStatus, type StatusCheck, type SystemStatus } from './check-status';

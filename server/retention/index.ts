export { getRetention, type Retention } from './get-retention';
export { planRetention } from './plan-retention';
export { runRetention } from './run-retention';
export { setRetention } from './set-retention';
export { startRetention } from './start-retention';

export { cancelRun } from './cancel-run';
export { followRun, type StillAllowed } from './follow-run';
export { followRuns } from './follow-runs';
export { getRun, type RunDetail, type RunStep } from './get-run';
export { listRuns, type RunSummary } from './list-runs';
export { readAnswerEvents } from './read-answer-events';
export { readRunEvents } from './read-run-events';
export { retryRun } from './retry-run';
export { type StartedRun, startRun } from './start-run';

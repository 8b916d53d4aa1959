export { countDeadLetters } from './count-dead-letters';
export { deadLetterTotals } from './dead-letter-totals';
export { discardDeadLetters } from './discard-dead-letters';
export { type DeadLetterDetail, getDeadLetter } from './get-dead-letter';
export { type DeadLetterSummary, listDeadLetters } from './list-dead-letters';
export { retryDeadLetters } from './retry-dead-letters';

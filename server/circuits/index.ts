export { CircuitBreaker } from './circuit-breaker';
export { guardServices } from './guard-services';
export { type CircuitSummary, listCircuits } from './list-circuits';
export { resetCircuit } from './reset-circuit';
export { tripCircuit } from './trip-circuit';

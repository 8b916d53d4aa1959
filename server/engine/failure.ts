import { v7 as uuid } from 'uuid';
import type { Failure } from '@/core/engine/events';
import { GraphError } from '@/core/engine/graph';
import { ExpressionError } from '@/core/expression/expression-error';
import { StepError } from '@/core/node/executor';
import { logger } from '@/server/lib/logger';

/** Turns what a step threw into what people see. Unknown errors are logged with an id and shown as that id alone. */
export function toFailure(error: unknown, step: string): { failure: Failure; retryable: boolean } {
  if (error instanceof StepError) {
    return {
      failure: { code: error.code, message: error.message, step, ...(error.details === undefined ? {} : { details: error.details }) },
      retryable: error.retryable,
    };
  }
  if (error instanceof ExpressionError) return { failure: { code: 'expression', message: error.message, step }, retryable: false };
  if (error instanceof GraphError) return { failure: { code: 'invalid_workflow', message: error.message, step: error.step ?? step }, retryable: false };
  const id = uuid();
  logger.error({ err: error, errorId: id, step }, 'a step failed unexpectedly');
  return { failure: { code: 'internal', message: `Something went wrong inside Heddle. Error id ${id}`, step }, retryable: true };
}

import { formatPath } from './issue-message';
import { checkAgainst } from './json-schema';
import { SchemaFault } from './schema-check';
import type { Json, JsonObject, Problem } from './workflow';

/** What is wrong with a run's input by the workflow's schema; paths begin with `input`. No schema accepts everything. */
export function checkInput(schema: JsonObject | undefined, input: Json): Problem[] {
  if (schema === undefined) return [];
  try {
    return checkAgainst(schema, input).map(({ path, message }) => ({ path: formatPath('input', path), message, severity: 'error' }));
  } catch (error) {
    if (!(error instanceof SchemaFault)) throw error;
    return [{ path: formatPath('workflow.input', error.path), message: error.message, severity: 'error' }];
  }
}

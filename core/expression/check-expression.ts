import { celTypes } from './cel-values';
import { compileExpression } from './expression';
import { ExpressionError, type ExpressionPosition, positionAt } from './expression-error';
import { closestName, listNames } from './suggest';

export interface ExpressionProblem {
  message: string;
  position?: ExpressionPosition;
  severity: 'error' | 'warning';
}

/** The names every expression of a step may use. */
export const scopeNames: readonly string[] = ['input', 'data', 'steps', 'run', 'workflow', 'vars', 'env'];

/** What can be said about an expression without evaluating it: syntax, functions, patterns, and names outside `names`. */
export function checkExpression(source: string, names: Iterable<string> = scopeNames): ExpressionProblem[] {
  try {
    const { references } = compileExpression(source);
    const known = new Set(names);
    return references
      .filter(({ root }) => !known.has(root) && !celTypes.has(root))
      .map(({ root, offset }) => ({ message: unknownName(root, known), position: positionAt(source, offset), severity: 'error' as const }));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [{ message: error.reason, position: error.position, severity: 'error' }];
  }
}

function unknownName(name: string, known: ReadonlySet<string>): string {
  const guess = closestName(name, known);
  const hint =
    guess === undefined ? ` (texts, and keys of objects, are written in quotes). Names in reach: ${listNames([...known])}` : `; did you mean "${guess}"?`;
  return `unknown name "${name}"${hint}`;
}

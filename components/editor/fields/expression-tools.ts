import { checkExpression } from '@/core/expression/check-expression';
import { compileExpression } from '@/core/expression/expression';
import { ExpressionError } from '@/core/expression/expression-error';
import { functions } from '@/core/expression/functions/function-table';
import { macroSpecs } from '@/core/expression/macro-specs';
import { splitTemplate } from '@/core/expression/split-template';
import { compileTemplate } from '@/core/expression/template';
import type { Json, JsonObject } from '@/core/workflow/workflow';

/** Loaded with CodeMirror or the first preview, never with the page. */
export interface TextFault {
  message: string;
  from: number;
  severity: 'error' | 'warning';
}

/** What is wrong with a text of expressions, by offset. `names` are those in reach. */
export function faultsOf(text: string, mode: 'template' | 'cel' | 'json', names: string[]): TextFault[] {
  if (text.trim() === '') return [];
  if (mode === 'cel') return checkExpression(text, names).map((p) => ({ message: p.message, from: p.position?.offset ?? 0, severity: p.severity }));
  try {
    return splitTemplate(text).flatMap((segment) => {
      if (typeof segment === 'string') return [];
      // inside JSON an expression's quotes are escaped, so places are only roughly right there
      const source = mode === 'json' ? segment.expression.replaceAll('\\"', '"').replaceAll('\\n', '\n') : segment.expression;
      return checkExpression(source, names).map((p) => ({ message: p.message, from: segment.offset + (p.position?.offset ?? 0), severity: p.severity }));
    });
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [{ message: error.reason, from: error.position?.offset ?? 0, severity: 'error' }];
  }
}

/** The value of a template or expression in a scope, as text for a person. */
export function evaluateForPreview(value: Json, cel: boolean, scope: JsonObject): { text: string; fault: boolean } {
  try {
    const result = cel ? compileExpression(String(value)).evaluate(scope) : compileTemplate(value).evaluate(scope);
    const text = typeof result === 'string' ? result : JSON.stringify(result, null, 2);
    return { text: text.length > 2000 ? `${text.slice(0, 2000)}…` : text || '(empty text)', fault: false };
  } catch (error) {
    return { text: error instanceof ExpressionError ? error.reason : 'Has no value in the last run.', fault: true };
  }
}

export const functionSpecs = (): { name: string; signature: string; summary: string }[] => [...macroSpecs, ...functions.values()];

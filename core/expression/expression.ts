import type { Json } from '@/core/workflow/workflow';
import type { Compilation, Reference } from './compilation';
import { compileNode } from './compile-node';
import { ExpressionError } from './expression-error';
import { Fault } from './fault';
import { limits, swapBudget } from './limits';
import { parseCel } from './parse';
import type { Scope } from './scope';
import { toJson } from './to-json';

export type { Scope };

export interface CompiledExpression {
  source: string;
  /** the names it reads, as far as they are written as chains: `steps.fetch.output` */
  references: readonly Reference[];
  /** Throws ExpressionError. */
  evaluate(scope: Scope): Json;
}

const noLocals: unknown[] = [];

/**
 * Compiles CEL into closures, once; evaluation is then well under a microsecond for usual expressions.
 * The scope is read name by name and never copied, so its properties may be getters. Throws ExpressionError.
 */
export function compileExpression(source: string): CompiledExpression {
  const compilation: Compilation = { locals: new Map(), slots: 0, depth: 0, references: [], compile: (node) => compileNode(node, compilation) };
  const ast = parseCel(source);
  try {
    const { run, json } = compileNode(ast, compilation);
    const { slots } = compilation;
    return {
      source,
      references: compilation.references,
      evaluate(scope) {
        const saved = swapBudget(limits.work);
        try {
          const value = run(scope, slots === 0 ? noLocals : new Array(slots));
          return json ? (value as Json) : toJson(value);
        } catch (error) {
          throw asExpressionError(error, source);
        } finally {
          swapBudget(saved);
        }
      },
    };
  } catch (error) {
    throw asExpressionError(error, source);
  }
}

function asExpressionError(error: unknown, source: string): unknown {
  if (error instanceof Fault) return new ExpressionError(error.code, error.message, source, error.offset);
  if (error instanceof RangeError) return new ExpressionError('too_large', 'the expression or its data is too large or nested too deeply', source);
  return error;
}

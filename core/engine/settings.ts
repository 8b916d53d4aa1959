import type { Scope } from '@/core/expression/expression';
import { compileExpression } from '@/core/expression/expression';
import { compileTemplate } from '@/core/expression/template';
import type { NodeDefinition } from '@/core/node/definition';
import { StepError } from '@/core/node/executor';
import type { Json, JsonObject } from '@/core/workflow/workflow';

export interface CompiledSettings {
  /** resolves expressions and parses with the node's schema. Throws ExpressionError, or StepError `invalid_settings` naming the place. */
  resolve(scope: Scope): unknown;
}

type Evaluate = (scope: Scope) => Json;

/**
 * Compiles a step's `with`: strings as templates, the definition's `expressions` paths as raw CEL, its `verbatim` paths untouched.
 * Settings without any expression are parsed once, here.
 */
export function compileSettings(settings: JsonObject, definition: NodeDefinition): CompiledSettings {
  const expressions = (definition.expressions ?? []).map((p) => p.split('.'));
  const verbatim = (definition.verbatim ?? []).map((p) => p.split('.'));
  const evaluate = compileValue(settings, [], expressions, verbatim);
  if (!evaluate) {
    const parsed = definition.config.safeParse(settings);
    return { resolve: () => (parsed.success ? parsed.data : invalid(definition, parsed.error.issues)) };
  }
  return {
    resolve(scope) {
      const parsed = definition.config.safeParse(evaluate(scope));
      return parsed.success ? parsed.data : invalid(definition, parsed.error.issues);
    },
  };
}

function invalid(definition: NodeDefinition, issues: { path: PropertyKey[]; message: string }[]): never {
  const places = issues.map((i) => `with.${i.path.map(String).join('.')}: ${i.message}`).join('; ');
  throw new StepError('invalid_settings', `The settings of ${definition.title} are not valid. ${places}`, { retryable: false });
}

/** undefined: the value holds no expression and stands as it is. */
function compileValue(value: Json, path: string[], expressions: string[][], verbatim: string[][]): Evaluate | undefined {
  if (verbatim.some((p) => matches(p, path))) return undefined;
  if (typeof value === 'string') {
    if (expressions.some((p) => matches(p, path))) {
      const compiled = compileExpression(value);
      return (scope) => compiled.evaluate(scope);
    }
    const template = compileTemplate(value);
    return template.constant ? undefined : (scope) => template.evaluate(scope);
  }
  if (value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value)) {
    const items = value.map((v, i) => compileValue(v, [...path, String(i)], expressions, verbatim));
    if (items.every((i) => i === undefined)) return undefined;
    return (scope) => value.map((v, i) => items[i]?.(scope) ?? (items[i] ? null : v));
  }
  const entries = Object.entries(value).map(([key, v]) => ({ key, v, evaluate: compileValue(v, [...path, key], expressions, verbatim) }));
  if (entries.every((e) => e.evaluate === undefined)) return undefined;
  return (scope) => {
    const result: JsonObject = {};
    for (const { key, v, evaluate } of entries) result[key] = evaluate ? evaluate(scope) : v;
    return result;
  };
}

function matches(pattern: string[], path: string[]): boolean {
  return pattern.length === path.length && pattern.every((p, i) => p === '*' || p === path[i]);
}

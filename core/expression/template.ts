import type { Json } from '@/core/workflow/workflow';
import { assertSafeKey } from './cel-values';
import type { Reference } from './compilation';
import { type CompiledExpression, compileExpression } from './expression';
import { ExpressionError } from './expression-error';
import { Fault } from './fault';
import { limits } from './limits';
import type { Scope } from './scope';
import { type Segment, splitTemplate } from './split-template';
import { resultText } from './to-json';

export interface CompiledTemplate {
  /** holds no expression: `evaluate` answers the same value each time (do not change it) */
  constant: boolean;
  references: readonly Reference[];
  /** Throws ExpressionError, whose `place` says where in the value. */
  evaluate(scope: Scope): Json;
}

const maxDepth = 100;

/**
 * Compiles a JSON value whose texts may hold `{{ expression }}`, at any depth.
 * A text that is nothing but one `{{ }}` keeps the type of its value; otherwise values become part of the text: null as nothing, lists and
 * objects as JSON. `{{{{` writes two braces. Keys are taken as they are. Throws ExpressionError.
 */
export function compileTemplate(value: Json): CompiledTemplate {
  return compileValue(value, '', 0);
}

function constant(value: Json): CompiledTemplate {
  return { constant: true, references: [], evaluate: () => value };
}

function compileValue(value: Json, place: string, depth: number): CompiledTemplate {
  if (typeof value === 'string') return value.includes('{{') ? atPlace(place, () => compileText(value, place)) : constant(value);
  if (typeof value !== 'object' || value === null) return constant(value);
  if (depth > maxDepth) throw new ExpressionError('too_large', 'the value is nested too deeply', '', undefined, place);
  return Array.isArray(value) ? compileList(value, place, depth) : compileObject(value, place, depth);
}

function compileList(items: Json[], place: string, depth: number): CompiledTemplate {
  const compiled = items.map((item, i) => compileValue(item, `${place}[${i}]`, depth + 1));
  if (compiled.every((each) => each.constant)) {
    const unescaped = compiled.map((each) => each.evaluate(noScope));
    return constant(unescaped.every((each, i) => each === items[i]) ? items : unescaped);
  }
  return { constant: false, references: compiled.flatMap((each) => each.references), evaluate: (scope) => compiled.map((each) => each.evaluate(scope)) };
}

function compileObject(object: { [key: string]: Json }, place: string, depth: number): CompiledTemplate {
  const keys = Object.keys(object);
  const compiled = keys.map((key) => {
    const at = /^[A-Za-z_][\w-]*$/.test(key) ? `${place}${place && '.'}${key}` : `${place}[${JSON.stringify(key)}]`;
    atPlace(at, () => assertSafeKey(key));
    return compileValue(object[key] as Json, at, depth + 1);
  });
  const evaluate = (scope: Scope): Json => {
    const result: { [key: string]: Json } = {};
    for (let i = 0; i < keys.length; i++) result[keys[i] as string] = (compiled[i] as CompiledTemplate).evaluate(scope);
    return result;
  };
  if (compiled.every((each) => each.constant)) {
    return constant(compiled.every((each, i) => each.evaluate(noScope) === object[keys[i] as string]) ? object : evaluate(noScope));
  }
  return { constant: false, references: compiled.flatMap((each) => each.references), evaluate };
}

const noScope: Scope = {};

function compileText(text: string, place: string): CompiledTemplate {
  const segments = splitTemplate(text);
  const compiled = segments.map((segment) => (typeof segment === 'string' ? segment : compileSegment(segment)));
  const expressions = compiled.filter((each): each is CompiledExpression => typeof each !== 'string');
  if (expressions.length === 0) return constant(segments.join(''));
  const references = expressions.flatMap((each) => each.references);
  const [only] = expressions;
  // a YAML block scalar ends in a line break that nobody meant
  if (only && expressions.length === 1 && compiled[0] === only && (compiled.length === 1 || (compiled.length === 2 && compiled[1] === '\n'))) {
    return { constant: false, references, evaluate: (scope) => atPlace(place, () => only.evaluate(scope)) };
  }
  return { constant: false, references, evaluate: (scope) => atPlace(place, () => interpolate(compiled, scope, text)) };
}

function compileSegment(segment: Exclude<Segment, string>): CompiledExpression {
  return compileExpression(segment.expression);
}

function interpolate(parts: readonly (string | CompiledExpression)[], scope: Scope, source: string): string {
  let result = '';
  for (const part of parts) {
    result += typeof part === 'string' ? part : resultText(part.evaluate(scope));
    if (result.length > limits.stringLength)
      throw new ExpressionError('too_large', `the text would be longer than ${limits.stringLength.toLocaleString('en-US')} characters`, source);
  }
  return result;
}

/** Runs `work`; an error of it learns where in the template value it happened. */
function atPlace<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) throw new ExpressionError(error.code, error.message, '', undefined, place);
    if (error instanceof ExpressionError && place !== '' && error.place === undefined) throw error.at(place);
    throw error;
  }
}

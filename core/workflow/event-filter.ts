import { checkExpression } from '@/core/expression/check-expression';
import { compileExpression } from '@/core/expression/expression';
import { ExpressionError } from '@/core/expression/expression-error';
import { type ASTNode, parseCel } from '@/core/expression/parse';
import { closestName, didYouMean } from '@/core/expression/suggest';
import type { Json } from './workflow';

/** An event as filters and runs see it. */
export interface EventView {
  type: string;
  subject: string | null;
  data: Json;
  id: string;
  /** ISO time */
  at: string;
  /** id of the event that this one repeats */
  replayOf?: string;
}

const fields: readonly string[] = ['type', 'subject', 'data', 'id', 'at', 'replayOf'];

/** What is wrong with a filter, as far as it shows without an event: syntax, names other than `event`, unknown fields. */
export function checkEventFilter(source: string): string[] {
  const problems = checkExpression(source, ['event']).map(({ message }) => message);
  if (problems.length > 0) return problems;
  return compileExpression(source).references.flatMap(({ root, path: [field] }) =>
    root !== 'event' || field === undefined || fields.includes(field)
      ? []
      : [`there is no event.${field}${closestName(field, fields) ? didYouMean(field, fields) : `; did you mean event.data.${field}?`}`],
  );
}

/** A place in an event and the text that must be there. */
export interface EventKey {
  path: string[];
  value: string;
}

export interface EventFilter {
  /** Throws ExpressionError when it fails, or when it gives something else than true or false. */
  matches(event: EventView): boolean;
  /** what the filter demands before anything else, when it says so plainly: `event.data.order == "17" && …` */
  key?: EventKey;
}

/** Compiles the CEL filter of a trigger or a wait. Throws ExpressionError. */
export function compileEventFilter(source: string): EventFilter {
  const { evaluate } = compileExpression(source);
  return {
    matches(event) {
      const value = evaluate({ event });
      if (typeof value === 'boolean') return value;
      throw new ExpressionError('type', `a filter must give true or false, this gave ${describe(value)}`, source);
    },
    key: keyOf(parseCel(source)),
  };
}

function describe(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value === 'string' ? 'text' : typeof value}`;
}

/** The first comparison of a part of the event with a text that must hold for the whole to hold. */
function keyOf(node: ASTNode): EventKey | undefined {
  if (node.op === '&&') return keyOf(node.args[0]) ?? keyOf(node.args[1]);
  if (node.op !== '==') return undefined;
  const [left, right] = node.args;
  return compared(left, right) ?? compared(right, left);
}

function compared(place: ASTNode, literal: ASTNode): EventKey | undefined {
  if (literal.op !== 'value' || typeof literal.args !== 'string') return undefined;
  const path: string[] = [];
  let at = place;
  while (at.op === '.') {
    path.unshift(at.args[1]);
    at = at.args[0];
  }
  return at.op === 'id' && at.args === 'event' && path.length > 0 ? { path, value: literal.args } : undefined;
}

/** What stands at a place of an event, as a text; nothing for an object, a list or null. */
export function textAt(event: EventView, path: readonly string[]): string | undefined {
  let value: unknown = event;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

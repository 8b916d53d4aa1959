import type { ASTNode } from './parse';
import type { Scope } from './scope';

/** A compiled node. `locals` holds the variables of comprehensions. */
export type Run = (scope: Scope, locals: unknown[]) => unknown;

export interface Compiled {
  run: Run;
  /** certain to be JSON as it is (taken from the scope, or a text or boolean): the result needs no conversion */
  json: boolean;
  /** a literal's value */
  constant?: unknown;
}

/** A chain of names an expression reads: `steps.fetch.output` is root `steps`, path `fetch`, `output`. */
export interface Reference {
  root: string;
  path: string[];
  offset: number;
}

/** What is known while one expression is compiled. */
export interface Compilation {
  /** the comprehension variables in reach: their slot, and whether they hold JSON as it is */
  locals: Map<string, { slot: number; json: boolean }>;
  slots: number;
  depth: number;
  references: Reference[];
  /** compiles a node below this one: calls, macros and operators recurse through here */
  compile(node: ASTNode): Compiled;
}

/** A compiled constant. */
export function constant(value: unknown): Compiled {
  return { run: () => value, json: typeof value === 'string' || typeof value === 'boolean' || value === null, constant: value };
}

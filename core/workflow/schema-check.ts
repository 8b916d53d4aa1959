import type { Place } from './issue-message';
import type { Json, JsonObject } from './workflow';

/** Checks a value and says whether it fits; faults go to `out`, if there is one. */
export type SchemaCheck = (value: Json, path: readonly PropertyKey[], run: CheckRun) => boolean;

/** One check of one value: its faults, and the work it may still do, so that no schema can make it endless. */
export interface CheckRun {
  out: Place[] | undefined;
  work: number;
  depth: number;
}

/** A schema that cannot be used, and where. */
export class SchemaFault extends Error {
  readonly path: readonly PropertyKey[];
  constructor(path: readonly PropertyKey[], message: string) {
    super(message);
    this.path = path;
  }
}

/** What compiling one schema document shares. */
export interface SchemaContext {
  root: JsonObject;
  /** compiled targets of `$ref`, by pointer; a target that is still being compiled is undefined for a moment */
  references: Map<string, SchemaCheck | undefined>;
  compile(schema: Json, path: readonly PropertyKey[]): SchemaCheck;
}

export const maxFaults = 20;

/** Notes a fault; always false, so that it can be returned. */
export function fail(run: CheckRun, path: readonly PropertyKey[], message: string): false {
  if (run.out && run.out.length < maxFaults) run.out.push({ path: [...path], message });
  return false;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

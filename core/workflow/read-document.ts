import { workflowLimits } from './awl-schema';
import { formatPath } from './issue-message';
import type { Json, Problem } from './workflow';

export type ReadResult = { ok: true; value: Json } | { ok: false; problems: Problem[] };

/** What is refused about a document as such, before anyone asks what it means. */
export class Refused extends Error {
  readonly path: readonly PropertyKey[];
  /** into the text, where there is one */
  readonly offset: number | undefined;
  constructor(message: string, path: readonly PropertyKey[], offset?: number) {
    super(message);
    this.path = path;
    this.offset = offset;
  }
}

/** Refuses keys through which a prototype could be reached. */
export function assertAllowedKey(key: string, path: readonly PropertyKey[], offset?: number): void {
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') throw new Refused(`the key "${key}" is not allowed`, path, offset);
}

/** Counts values and watches the depth, so that a small text cannot become an enormous document. */
export class DocumentMeter {
  #values = 0;
  get values(): number {
    return this.#values;
  }
  add(count: number, depth: number, path: readonly PropertyKey[], offset?: number): void {
    this.#values += count;
    if (this.#values > workflowLimits.values) throw new Refused(`holds more than ${workflowLimits.values.toLocaleString('en-US')} values`, path, offset);
    if (depth > workflowLimits.depth) throw new Refused(`is nested deeper than ${workflowLimits.depth} levels`, path, offset);
  }
}

/** A document that was parsed elsewhere: plain JSON within the limits, copied so that nothing but own enumerable data is taken over. */
export function readPlain(value: unknown): ReadResult {
  try {
    return { ok: true, value: copy(value, [], 0, new DocumentMeter()) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ok: false, problems: [{ path: formatPath('', error.path), message: error.message, severity: 'error' }] };
  }
}

function copy(value: unknown, path: PropertyKey[], depth: number, meter: DocumentMeter): Json {
  meter.add(1, depth, path);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Refused('is not a number that JSON can hold', path);
    return value;
  }
  if (Array.isArray(value)) return value.map((item, i) => within(path, i, () => copy(item, path, depth + 1, meter)));
  if (typeof value !== 'object' || !isPlain(value)) throw new Refused('is not plain JSON', path);
  const result: { [key: string]: Json } = {};
  for (const [key, each] of Object.entries(value)) {
    if (each === undefined) continue;
    within(path, key, () => {
      assertAllowedKey(key, path);
      result[key] = copy(each, path, depth + 1, meter);
    });
  }
  return result;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || (prototype as { constructor?: { name?: string } }).constructor?.name === 'Object';
}

/** Runs `work` with the path made longer by `key`; the path is left as it is when `work` throws, since it is then part of the error. */
export function within<T>(path: PropertyKey[], key: PropertyKey, work: () => T): T {
  path.push(key);
  const result = work();
  path.pop();
  return result;
}

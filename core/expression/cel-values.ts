import { Fault } from './fault';

/** A CEL duration. The fields of these classes are private, so that expressions cannot mistake them for properties. Timestamps are `Date`, bytes `Uint8Array`, int `bigint`, double `number`. */
export class Duration {
  readonly #ms: number;
  constructor(ms: number) {
    this.#ms = ms;
  }
  get ms(): number {
    return this.#ms;
  }
  /** As protobuf JSON writes it: `90s`, `1.5s`. */
  toString(): string {
    return `${this.ms / 1000}s`;
  }
}

/** What `type(x)` answers. */
export class TypeValue {
  readonly #name: string;
  constructor(name: string) {
    this.#name = name;
  }
  get name(): string {
    return this.#name;
  }
}

/** Result of `a.?b`; `undefined` is none. */
export class OptionalValue {
  readonly #value: unknown;
  constructor(value: unknown) {
    this.#value = value;
  }
  get value(): unknown {
    return this.#value;
  }
}
export const none = new OptionalValue(undefined);

export const celTypes: ReadonlyMap<string, TypeValue> = new Map(
  ['int', 'uint', 'double', 'string', 'bool', 'bytes', 'list', 'map', 'null_type', 'type', 'timestamp', 'duration', 'optional'].map((name) => [
    name,
    new TypeValue(name),
  ]),
);

/** Whether `value` is a CEL map: an object that is none of CEL's other types. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Duration) &&
    !(value instanceof TypeValue) &&
    !(value instanceof OptionalValue)
  );
}

/** CEL's name of a value's type. */
export function celTypeOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'double';
    case 'bigint':
      return 'int';
    case 'object':
      if (value === null) return 'null_type';
      if (Array.isArray(value)) return 'list';
      if (value instanceof Date) return 'timestamp';
      if (value instanceof Uint8Array) return 'bytes';
      if (value instanceof Duration) return 'duration';
      if (value instanceof TypeValue) return 'type';
      return value instanceof OptionalValue ? 'optional' : 'map';
    default:
      return 'unknown';
  }
}

const friendly: Record<string, string> = {
  int: 'a number',
  double: 'a number',
  string: 'a text',
  bool: 'a boolean',
  null_type: 'null',
  list: 'a list',
  map: 'an object',
};

/** The type as messages say it: `a number`, `a list`, `null`. */
export function describeType(value: unknown): string {
  const type = celTypeOf(value);
  return friendly[type] ?? `a ${type}`;
}

/** Refuses keys through which prototypes could be reached or polluted. */
export function assertSafeKey(key: string): void {
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') throw new Fault('unsafe_key', `the key "${key}" is not allowed`);
}

/** The own property `key`, or undefined. */
export function ownValue(map: object, key: string): unknown {
  return Object.hasOwn(map, key) ? (map as Record<string, unknown>)[key] : undefined;
}

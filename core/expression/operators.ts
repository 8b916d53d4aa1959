import { celTypeOf, Duration, describeType, isMap, OptionalValue, TypeValue } from './cel-values';
import { Fault } from './fault';
import { assertListLength, cappedText, spend, spendText } from './limits';

const minInt = -(2n ** 63n);
const maxInt = 2n ** 63n - 1n;

/** `value`, if it fits CEL's 64-bit int. */
export function int64(value: bigint): bigint {
  if (value < minInt || value > maxInt) throw new Fault('arithmetic', 'the whole number does not fit into 64 bits');
  return value;
}

function mismatch(operation: string, a: unknown, b: unknown, hint = ''): Fault {
  return new Fault('type', `cannot ${operation} ${describeType(a)} and ${describeType(b)}${hint}`);
}

const isNumeric = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

/** A number or boolean as it reads inside a text. */
export function scalarText(value: string | number | bigint | boolean): string {
  return typeof value === 'string' ? value : String(value);
}
const isScalar = (value: unknown): value is string | number | bigint | boolean => typeof value === 'string' || typeof value === 'boolean' || isNumeric(value);

export function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int64(a + b);
  if (isNumeric(a) && isNumeric(b)) return Number(a) + Number(b);
  if ((typeof a === 'string' && isScalar(b)) || (typeof b === 'string' && isScalar(a))) return cappedText(scalarText(a as string) + scalarText(b as string));
  if (Array.isArray(a) && Array.isArray(b)) {
    assertListLength(a.length + b.length);
    spend(a.length + b.length);
    return [...a, ...b];
  }
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.ms + b.ms);
  if (a instanceof Date && b instanceof Duration) return validDate(a.getTime() + b.ms);
  if (a instanceof Duration && b instanceof Date) return validDate(a.ms + b.getTime());
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    assertListLength(a.length + b.length);
    const joined = new Uint8Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    return joined;
  }
  if (typeof a === 'string' || typeof b === 'string') {
    const other = typeof a === 'string' ? b : a;
    throw mismatch('add', a, b, other === null ? '; use default(x, "") where a value may be null' : '; use toJson(x) to write it as text');
  }
  if (isMap(a) && isMap(b)) throw mismatch('add', a, b, '; use merge(a, b)');
  throw mismatch('add', a, b);
}

/** A timestamp within the years 1 to 9999. */
export function validDate(ms: number): Date {
  if (!(ms >= -62_135_596_800_000 && ms <= 253_402_300_799_999)) throw new Fault('arithmetic', 'the date is outside the years 1 to 9999');
  return new Date(ms);
}

export function subtract(a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int64(a - b);
  if (isNumeric(a) && isNumeric(b)) return Number(a) - Number(b);
  if (a instanceof Date && b instanceof Date) return new Duration(a.getTime() - b.getTime());
  if (a instanceof Date && b instanceof Duration) return validDate(a.getTime() - b.ms);
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.ms - b.ms);
  throw mismatch('subtract', a, b);
}

export function multiply(a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int64(a * b);
  if (isNumeric(a) && isNumeric(b)) return Number(a) * Number(b);
  throw mismatch('multiply', a, b);
}

export function divide(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  if (isNumeric(a) && isNumeric(b)) {
    if (b === 0n || b === 0) throw new Fault('arithmetic', 'division by zero');
    return typeof a === 'bigint' && typeof b === 'bigint' ? int64(a / b) : Number(a) / Number(b);
  }
  throw mismatch('divide', a, b);
}

export function modulo(a: unknown, b: unknown): unknown {
  if (isNumeric(a) && isNumeric(b)) {
    if (b === 0n || b === 0) throw new Fault('arithmetic', 'modulo by zero');
    return typeof a === 'bigint' && typeof b === 'bigint' ? a % b : Number(a) % Number(b);
  }
  throw mismatch('take the remainder of', a, b);
}

export function negate(a: unknown): unknown {
  if (typeof a === 'number') return -a;
  if (typeof a === 'bigint') return int64(-a);
  if (a instanceof Duration) return new Duration(-a.ms);
  throw new Fault('type', `cannot negate ${describeType(a)}`);
}

function sameNumber(a: number | bigint, b: number | bigint): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: int and double compare by value, so the loose comparison is the exact one
  return a == b;
}

/** CEL equality: deep, numbers by value whatever their type, values of different types are unequal rather than an error. */
export function equals(a: unknown, b: unknown): boolean {
  if (typeof a === 'string') return typeof b === 'string' && a.length === b.length && sameText(a, b);
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return isNumeric(a) && isNumeric(b) ? sameNumber(a, b) : false;
  if (a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  if (a instanceof Duration) return b instanceof Duration && a.ms === b.ms;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i]);
  if (a instanceof OptionalValue) return b instanceof OptionalValue && equals(a.value, b.value);
  return isMap(b) && equalMaps(a as Record<string, unknown>, b);
}

function sameText(a: string, b: string): boolean {
  spendText(a.length);
  return a === b;
}

function equalLists(a: unknown[], b: unknown[]): boolean {
  if (a.length !== b.length) return false;
  spend(a.length);
  for (let i = 0; i < a.length; i++) if (!equals(a[i], b[i])) return false;
  return true;
}

function equalMaps(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  spend(keys.length);
  for (const key of keys) if (!Object.hasOwn(b, key) || !equals(a[key], b[key])) return false;
  return true;
}

/** Negative, zero or positive; NaN when a NaN is involved, so that every comparison is false. */
export function compare(a: unknown, b: unknown): number {
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : sameNumber(a, b) ? 0 : Number.NaN;
  if (typeof a === 'string' && typeof b === 'string') {
    spendText(Math.min(a.length, b.length));
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof Duration && b instanceof Duration) return a.ms - b.ms;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0);
    return a.length - b.length;
  }
  const hint =
    isNumeric(a) && typeof b === 'string'
      ? '; use double(x) to read a number from text'
      : typeof a === 'string' && isNumeric(b)
        ? '; use double(x) to read a number from text'
        : '';
  throw mismatch('compare', a, b, hint);
}

/** `x in list`, `key in map`, and `part in text`. */
export function contains(item: unknown, container: unknown): boolean {
  if (Array.isArray(container)) {
    spend(container.length);
    return container.some((each) => equals(each, item));
  }
  if (typeof container === 'string' && typeof item === 'string') {
    spendText(container.length);
    return container.includes(item);
  }
  if (isMap(container)) return isKey(item) && Object.hasOwn(container, String(item));
  throw new Fault('type', `cannot look for ${describeType(item)} in ${describeType(container)}`);
}

/** Map keys are texts in JSON; numbers and booleans are looked up by how they read. */
export function isKey(value: unknown): value is string | number | bigint | boolean {
  return isScalar(value);
}

export function asBool(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new Fault('type', `${what} must be true or false, this is ${describeType(value)} (${celTypeOf(value)})`);
}

import { Duration, describeType, isMap } from '../cel-values';
import { Fault } from '../fault';

/** `value` as a text, or a fault that names the argument. */
export function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Fault('argument', `${what} must be a text, this is ${describeType(value)}`);
}

export function list(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Fault('argument', `${what} must be a list, this is ${describeType(value)}`);
}

export function map(value: unknown, what: string): Record<string, unknown> {
  if (isMap(value)) return value;
  throw new Fault('argument', `${what} must be an object, this is ${describeType(value)}`);
}

export function numeric(value: unknown, what: string): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  throw new Fault('argument', `${what} must be a number, this is ${describeType(value)}`);
}

/** A whole number small enough to count with. */
export function whole(value: unknown, what: string): number {
  const number = Number(numeric(value, what));
  if (Number.isSafeInteger(number)) return number;
  throw new Fault('argument', `${what} must be a whole number, this is ${number}`);
}

/** A timestamp, from one, from ISO text, or from ms since the epoch. */
export function timestamp(value: unknown, what: string): Date {
  if (value instanceof Date) return value;
  const ms = typeof value === 'string' ? parseDate(value) : typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
  if (ms >= -62_135_596_800_000 && ms <= 253_402_300_799_999) return new Date(ms);
  if (typeof value === 'string') throw new Fault('argument', `${what} "${value.slice(0, 40)}" is not a date; write it as 2026-01-31 or 2026-01-31T09:30:00Z`);
  throw new Fault('argument', `${what} must be a date, this is ${describeType(value)}`);
}

const isoDate = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?$/;

/** ISO 8601 only, and UTC where no zone is given: what `Date.parse` makes of other texts depends on the machine. */
function parseDate(value: string): number {
  if (value.length > 40 || !isoDate.test(value)) return Number.NaN;
  const normal = value.replace(' ', 'T');
  const zoned = value.length === 10 || /(?:[Zz]|[+-]\d{2}:?\d{2})$/.test(value.slice(10)) ? normal : `${normal}Z`;
  return Date.parse(zoned);
}

const unitMs: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1h30m`, `-1.5s`, `2d`. */
export function duration(value: unknown, what: string): Duration {
  if (value instanceof Duration) return value;
  const source = text(value, what);
  const match = /^([+-]?)((?:\d{1,15}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h|d)){1,8})$/.exec(source.slice(0, 100));
  if (source === '0') return new Duration(0);
  if (!match) throw new Fault('argument', `${what} "${source.slice(0, 40)}" is not a duration; write it as 30s, 1h30m or 2d`);
  let ms = 0;
  for (const [, amount, unit] of (match[2] as string).matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)) ms += Number(amount) * (unitMs[unit as string] ?? 0);
  return new Duration(match[1] === '-' ? -ms : ms);
}

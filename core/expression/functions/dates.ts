import { Duration } from '../cel-values';
import { Fault } from '../fault';
import { validDate } from '../operators';
import { duration, numeric, text, timestamp, whole } from './expect';
import { formatTimestamp } from './format-timestamp';
import { define, type FunctionSpec } from './function-spec';
import { type ZonedFields, zoned } from './zoned';

const day = 86_400_000;

function adder(unit: number): (value: unknown, amount: unknown) => Date {
  return (value, amount) => validDate(timestamp(value, 'the date').getTime() + Number(numeric(amount, 'the amount')) * unit);
}

/** The 31st becomes the last day of a shorter month. */
function addMonths(value: unknown, amount: unknown): Date {
  const from = timestamp(value, 'the date');
  const months = from.getUTCFullYear() * 12 + from.getUTCMonth() + whole(amount, 'the amount');
  const last = new Date(Date.UTC(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1, 0)).getUTCDate();
  const result = new Date(from);
  result.setUTCFullYear(Math.floor(months / 12), ((months % 12) + 12) % 12, Math.min(from.getUTCDate(), last));
  return validDate(result.getTime());
}

function startOf(value: unknown, unit: unknown): Date {
  const at = timestamp(value, 'the date');
  const [y, m, d] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  switch (text(unit, 'the unit')) {
    case 'year':
      return new Date(Date.UTC(y, 0, 1));
    case 'month':
      return new Date(Date.UTC(y, m, 1));
    case 'week':
      return new Date(Date.UTC(y, m, d - ((at.getUTCDay() + 6) % 7)));
    case 'day':
      return new Date(Date.UTC(y, m, d));
    case 'hour':
      return new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000);
    case 'minute':
      return new Date(Math.floor(at.getTime() / 60_000) * 60_000);
    default:
      throw new Fault('argument', 'startOf takes "year", "month", "week", "day", "hour" or "minute"');
  }
}

/** CEL's accessors of a timestamp, with an optional time zone; of a duration where that makes sense. */
function field(name: string, summary: string, pick: (fields: ZonedFields, date: Date) => number, ofDuration?: (ms: number) => number): FunctionSpec {
  return define(`${name}(date, zone?)`, summary, false, (value, zone) => {
    if (value instanceof Duration && ofDuration) return BigInt(Math.trunc(ofDuration(value.ms)));
    const date = timestamp(value, 'the date');
    return BigInt(pick(zoned(date, zone === undefined ? 'UTC' : text(zone, 'the time zone')), date));
  });
}

export const dateFunctions: FunctionSpec[] = [
  define('date(x)', 'A point in time, from ISO text or milliseconds since 1970.', false, (value) => timestamp(value, 'the date')),
  define(
    'formatDate(date, pattern, zone?)',
    'As text by a pattern such as "yyyy-MM-dd HH:mm"; UTC unless a time zone is given.',
    true,
    (value, pattern, zone) =>
      formatTimestamp(timestamp(value, 'the date'), text(pattern, 'the pattern'), zone === undefined ? 'UTC' : text(zone, 'the time zone')),
  ),
  define('addSeconds(date, n)', 'n seconds later.', false, adder(1000)),
  define('addMinutes(date, n)', 'n minutes later.', false, adder(60_000)),
  define('addHours(date, n)', 'n hours later.', false, adder(3_600_000)),
  define('addDays(date, n)', 'n days later.', false, adder(day)),
  define('addWeeks(date, n)', 'n weeks later.', false, adder(7 * day)),
  define('addMonths(date, n)', 'n months later.', false, addMonths),
  define('addYears(date, n)', 'n years later.', false, (value, amount) => addMonths(value, whole(amount, 'the amount') * 12)),
  define('startOf(date, unit)', 'The start of the year, month, week (Monday), day, hour or minute, in UTC.', false, startOf),
  define('daysBetween(from, to)', 'Whole days from one date to another.', false, (from, to) =>
    Math.trunc((timestamp(to, 'the end').getTime() - timestamp(from, 'the start').getTime()) / day),
  ),
  define(
    'secondsBetween(from, to)',
    'Seconds from one date to another.',
    false,
    (from, to) => (timestamp(to, 'the end').getTime() - timestamp(from, 'the start').getTime()) / 1000,
  ),
  define('milliseconds(x)', 'A date as milliseconds since 1970, or the length of a duration.', false, (value) =>
    value instanceof Duration || (typeof value === 'string' && /[a-zµ]$/.test(value) && !value.endsWith('z'))
      ? duration(value, 'the duration').ms
      : timestamp(value, 'the date').getTime(),
  ),
  field('getFullYear', 'The year.', (f) => f.year),
  field('getMonth', 'The month, 0 to 11.', (f) => f.month - 1),
  field('getDate', 'The day of the month, from 1.', (f) => f.day),
  field('getDayOfMonth', 'The day of the month, from 0.', (f) => f.day - 1),
  field('getDayOfWeek', 'The day of the week, 0 is Sunday.', (f) => f.weekday),
  field('getDayOfYear', 'The day of the year, from 0.', (f) => Math.round((Date.UTC(f.year, f.month - 1, f.day) - Date.UTC(f.year, 0, 1)) / day)),
  field(
    'getHours',
    'The hour.',
    (f) => f.hour,
    (ms) => ms / 3_600_000,
  ),
  field(
    'getMinutes',
    'The minute.',
    (f) => f.minute,
    (ms) => ms / 60_000,
  ),
  field(
    'getSeconds',
    'The second.',
    (f) => f.second,
    (ms) => ms / 1000,
  ),
  field(
    'getMilliseconds',
    'The millisecond.',
    (_f, date) => ((date.getTime() % 1000) + 1000) % 1000,
    (ms) => ms % 1000,
  ),
];

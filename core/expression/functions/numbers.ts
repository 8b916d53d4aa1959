import { Fault } from '../fault';
import { assertListLength, spend } from '../limits';
import { add, compare, int64 } from '../operators';
import { numeric, whole } from './expect';
import { define, type FunctionSpec } from './function-spec';

/** The numbers of `sum([1, 2])` or of `max(a, b)`. */
function operands(args: unknown[]): unknown[] {
  const values = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  spend(values.length);
  return values;
}

function sum(...args: unknown[]): unknown {
  const values = operands(args);
  let total = 0;
  // doubles, by far the most frequent case
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'number') return sumMixed(values);
    total += value;
  }
  return values.length === 0 ? 0n : total;
}

function sumMixed(values: unknown[]): unknown {
  return values.reduce((total: unknown, value) => add(total, numeric(value, 'each item of a sum')), 0n);
}

function average(...args: unknown[]): number {
  const values = operands(args);
  if (values.length === 0) throw new Fault('argument', 'an empty list has no average; use default or check size(x) > 0');
  return Number(sum(values)) / values.length;
}

function extreme(args: unknown[], sign: number, name: string): unknown {
  const values = operands(args);
  if (values.length === 0) throw new Fault('argument', `an empty list has no ${name}; check size(x) > 0`);
  return values.reduce((best, value) => (compare(value, best) * sign > 0 ? value : best));
}

type Rounding = (value: number) => number;

/** An int stays what it is. */
function rounding(round: Rounding): (value: unknown) => number | bigint {
  return (value) => {
    const number = numeric(value, 'the number');
    return typeof number === 'bigint' ? number : round(number);
  };
}

function round(value: unknown, digits: unknown = 0n): number | bigint {
  const number = numeric(value, 'the number');
  const places = whole(digits, 'the number of digits');
  if (places < 0 || places > 15) throw new Fault('argument', 'round takes 0 to 15 digits');
  if (typeof number === 'bigint') return number;
  // halves away from zero, by the decimal reading of the number (1.005 to 2 digits is 1.01)
  const [mantissa, exponent = '0'] = Math.abs(number).toString().split('e');
  const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + places}`));
  const [m, e = '0'] = shifted.toString().split('e');
  return Math.sign(number) * Number(`${m}e${Number(e) - places}`);
}

function absolute(value: unknown): number | bigint {
  const number = numeric(value, 'the number');
  return typeof number === 'bigint' ? int64(number < 0n ? -number : number) : Math.abs(number);
}

function range(from: unknown, to?: unknown, step: unknown = 1n): bigint[] {
  const [start, end] = to === undefined ? [0, whole(from, 'the end')] : [whole(from, 'the start'), whole(to, 'the end')];
  const by = whole(step, 'the step');
  if (by === 0) throw new Fault('argument', 'the step of a range must not be 0');
  const length = Math.max(0, Math.ceil((end - start) / by));
  assertListLength(length);
  spend(length);
  return Array.from({ length }, (_, i) => BigInt(start + i * by));
}

function power(base: unknown, exponent: unknown): number {
  const result = Number(numeric(base, 'the base')) ** Number(numeric(exponent, 'the exponent'));
  if (Number.isFinite(result)) return result;
  throw new Fault('arithmetic', 'the power is not a finite number');
}

export const numberFunctions: FunctionSpec[] = [
  define('sum(list, …)', 'The sum of the numbers.', false, sum),
  define('avg(list, …)', 'The average of the numbers.', false, average),
  define('min(list, …)', 'The smallest.', 'args', (...args) => extreme(args, -1, 'smallest')),
  define('max(list, …)', 'The greatest.', 'args', (...args) => extreme(args, 1, 'greatest')),
  define('least(list, …)', 'The smallest.', 'args', (...args) => extreme(args, -1, 'smallest')),
  define('greatest(list, …)', 'The greatest.', 'args', (...args) => extreme(args, 1, 'greatest')),
  define('round(x, digits?)', 'Rounded; halves away from zero.', false, round),
  define('floor(x)', 'Rounded down.', false, rounding(Math.floor)),
  define('ceil(x)', 'Rounded up.', false, rounding(Math.ceil)),
  define('abs(x)', 'Without its sign.', false, absolute),
  define('sign(x)', '-1, 0 or 1.', false, (value) => Math.sign(Number(numeric(value, 'the number')))),
  define('sqrt(x)', 'The square root.', false, (value) => Math.sqrt(Number(numeric(value, 'the number')))),
  define('pow(base, exponent)', 'The power.', false, power),
  define('range(from, to?, step?)', 'The whole numbers from 0 (or `from`) up to, without, the end.', false, range),
];

import { celTypeOf, celTypes, Duration, describeType } from '../cel-values';
import { Fault } from '../fault';
import { cappedText, spend, spendText } from '../limits';
import { int64, validDate } from '../operators';
import { checkJson, resultText, toJson } from '../to-json';
import { duration, text, timestamp, whole } from './expect';
import { define, type FunctionSpec } from './function-spec';

function toInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Fault('arithmetic', 'the number has no whole part');
    return int64(BigInt(Math.trunc(value)));
  }
  if (typeof value === 'string' && /^[+-]?\d{1,19}$/.test(value)) return int64(BigInt(value.replace('+', '')));
  if (value instanceof Date) return BigInt(Math.floor(value.getTime() / 1000));
  if (value instanceof Duration) return BigInt(Math.trunc(value.ms / 1000));
  throw new Fault(
    'argument',
    typeof value === 'string' ? `"${value.slice(0, 40)}" is not a whole number` : `${describeType(value)} cannot be read as a whole number`,
  );
}

function toUint(value: unknown): bigint {
  const number = toInt(value);
  if (number < 0n) throw new Fault('arithmetic', 'the number is negative');
  return number;
}

function toDouble(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && value.length <= 400 && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value)) return Number(value);
  throw new Fault('argument', typeof value === 'string' ? `"${value.slice(0, 40)}" is not a number` : `${describeType(value)} cannot be read as a number`);
}

/** The UTF-8 bytes of a text. */
function encodeText(value: unknown): Uint8Array {
  const source = text(value, 'the text');
  spend(source.length >> 4);
  return new TextEncoder().encode(source);
}

function toBool(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (/^(?:1|t|true|TRUE|True)$/.test(value)) return true;
    if (/^(?:0|f|false|FALSE|False)$/.test(value)) return false;
  }
  throw new Fault('argument', `${typeof value === 'string' ? `"${value.slice(0, 40)}"` : describeType(value)} is neither true nor false`);
}

function toText(value: unknown): string {
  if (value instanceof Uint8Array) {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(value);
    } catch {
      throw new Fault('argument', 'the bytes are not UTF-8 text');
    }
  }
  const result = cappedText(resultText(value));
  if (typeof value !== 'string') spendText(result.length);
  return result;
}

function parseJson(value: unknown): unknown {
  const source = text(value, 'the JSON');
  spend(source.length >> 4);
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch (error) {
    throw new Fault('argument', `the text is not JSON: ${error instanceof Error ? error.message.slice(0, 120) : 'it does not parse'}`);
  }
  checkJson(parsed);
  return parsed;
}

function writeJson(value: unknown, indent: unknown = 0n): string {
  const spaces = Math.min(Math.max(whole(indent, 'the indentation'), 0), 8);
  const result = cappedText(JSON.stringify(toJson(value), null, spaces));
  spend(result.length >> 4);
  return result;
}

function toTimestamp(value: unknown): Date {
  // CEL reads a number as seconds; date(x) reads it as milliseconds, as JSON data has it
  return typeof value === 'bigint' ? validDate(Number(value) * 1000) : timestamp(value, 'the timestamp');
}

function decodeBase64(value: unknown): Uint8Array {
  try {
    spend(text(value, 'the base64').length >> 4);
    return Uint8Array.from(atob(text(value, 'the base64')), (character) => character.charCodeAt(0));
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('argument', 'the text is not base64');
  }
}

function urlEncode(value: unknown): string {
  if (typeof value === 'string') spend(value.length >> 4);
  // a lone surrogate has no encoding
  return encodeURIComponent(toText(value).replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD'));
}

export const conversionFunctions: FunctionSpec[] = [
  define('int(x)', 'As a whole number; decimals are cut off.', false, toInt),
  define('uint(x)', 'As a whole number that is not negative.', false, toUint),
  define('double(x)', 'As a number.', false, toDouble),
  define('number(x)', 'As a number.', false, toDouble),
  define('string(x)', 'As text.', true, toText),
  define('bool(x)', 'As true or false.', true, toBool),
  define('bytes(text)', 'The UTF-8 bytes of a text.', false, (value) => (value instanceof Uint8Array ? value : encodeText(value))),
  define('dyn(x)', 'The value itself.', 'args', (value) => value),
  define('type(x)', 'The type of the value.', false, (value) => celTypes.get(celTypeOf(value))),
  define('timestamp(x)', 'A point in time, from ISO text or seconds since 1970.', false, toTimestamp),
  define('duration(text)', 'A time span: 30s, 1h30m, 2d.', false, (value) => duration(value, 'the duration')),
  define('toJson(x, indent?)', 'As JSON text.', true, writeJson),
  define('parseJson(text)', 'The value of a JSON text.', true, parseJson),
  define('base64Encode(x)', 'Text or bytes as base64.', true, (value) => resultText(value instanceof Uint8Array ? value : encodeText(value))),
  define('base64Decode(text)', 'The text of base64.', true, (value) => toText(decodeBase64(value))),
  define('urlEncode(text)', 'Safe as a part of a URL.', true, urlEncode),
];

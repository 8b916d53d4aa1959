import type { Json } from '@/core/workflow/workflow';
import { assertSafeKey, Duration, OptionalValue, TypeValue } from './cel-values';
import { Fault } from './fault';
import { limits } from './limits';

const maxDepth = 100;

interface Size {
  values: number;
  length: number;
}

/** What an evaluation answered as plain JSON. Values that are JSON already are kept, not copied. Throws when it is too big or not a number. */
export function toJson(value: unknown): Json {
  return convert(value, { values: 0, length: 0 }, 0);
}

function convert(value: unknown, size: Size, depth: number): Json {
  if (++size.values > limits.resultSize) throw new Fault('too_large', `the result holds more than ${limits.resultSize.toLocaleString('en-US')} values`);
  switch (typeof value) {
    case 'string':
      size.length += value.length;
      if (size.length > limits.resultLength)
        throw new Fault('too_large', `the result holds more than ${limits.resultLength.toLocaleString('en-US')} characters`);
      return value;
    case 'number':
      if (!Number.isFinite(value))
        throw new Fault('arithmetic', Number.isNaN(value) ? 'the result is not a number' : 'the result is infinite (a division by zero?)');
      return value;
    case 'bigint':
      return Number(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : convertObject(value, size, depth);
    default:
      // functions and symbols never get here; a scope may hold undefined inside
      return null;
  }
}

function convertObject(value: object, size: Size, depth: number): Json {
  if (depth > maxDepth) throw new Fault('too_large', 'the result is nested too deeply');
  if (Array.isArray(value)) return convertList(value, size, depth);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return base64(value);
  if (value instanceof Duration) return value.toString();
  if (value instanceof TypeValue) return value.name;
  if (value instanceof OptionalValue) return value.value === undefined ? null : convert(value.value, size, depth);
  const source = value as Record<string, unknown>;
  let result: Record<string, Json> | undefined;
  const keys = Object.keys(source);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    assertSafeKey(key);
    size.length += key.length;
    const before = source[key];
    const after = convert(before, size, depth + 1);
    if (result === undefined && after !== before) {
      result = {};
      for (let j = 0; j < i; j++) result[keys[j] as string] = source[keys[j] as string] as Json;
    }
    if (result) result[key] = after;
  }
  return result ?? (source as Record<string, Json>);
}

function convertList(items: unknown[], size: Size, depth: number): Json[] {
  let result: Json[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const before = items[i];
    const after = convert(before, size, depth + 1);
    if (result === undefined && after !== before) result = items.slice(0, i) as Json[];
    if (result) result.push(after);
  }
  return result ?? (items as Json[]);
}

/** Throws when a parsed JSON value is too deep or has a key that could reach a prototype. */
export function checkJson(value: unknown): void {
  convert(value, { values: 0, length: 0 }, 0);
}

/** A value inside a text: texts as they are, null as nothing, lists and objects as JSON. */
export function resultText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default: {
      const json = toJson(value);
      return json === null ? '' : typeof json === 'string' ? json : JSON.stringify(json);
    }
  }
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Json } from '@/core/workflow/workflow';
import { HttpError } from './problem';

export const megabyte = 1024 * 1024;
/** JSON text of bodies being read, over all requests; beyond this, overload answers 429 instead of running out of memory. */
const bufferedLimit = 256 * megabyte;
let buffered = 0;

const tooLarge = (limit: number) =>
  new HttpError(413, 'too_large', `The body is larger than ${limit >= megabyte ? `${limit / megabyte} MB` : `${limit} bytes`}.`, { connection: 'close' });

/** Reads the body, at most `limit` bytes. An absent body is an empty buffer. */
export function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let settled = false;
    const settle = (error?: Error) => {
      if (settled) return;
      settled = true;
      buffered -= size;
      req.off('data', onData);
      if (!error) return resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
      req.resume();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      buffered += chunk.length;
      if (size > limit) settle(tooLarge(limit));
      else if (buffered > bufferedLimit)
        settle(new HttpError(429, 'overloaded', 'Heddle is reading too much at the moment.', { 'retry-after': '2', connection: 'close' }));
      else chunks.push(chunk);
    };
    req.on('data', onData);
    req.once('end', () => settle());
    const cutOff = () => {
      if (!settled) settle(new HttpError(400, 'aborted', 'The request was cut off.'));
    };
    req.once('error', cutOff);
    req.once('close', cutOff);
  });
}

/** The body as text; refuses what is not UTF-8. */
export function decodeText(body: Buffer): string {
  if (!isUtf8(body)) throw new HttpError(400, 'malformed', 'The body is not UTF-8.');
  const text = body.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Parses JSON, refusing keys that reach prototypes and nesting deeper than 100 (security R14, R15). */
export function parseJson(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, 'malformed_json', `The body is not JSON: ${(error as Error).message}`);
  }
  refuseUnsafe(value);
  return value;
}

const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype']);
const deepest = 100;

type Nested = Json[] | { [key: string]: Json };

/** Level by level, so that no nesting overflows the stack. */
function refuseUnsafe(root: Json): void {
  let level = nestedIn([root]);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > deepest) throw new HttpError(400, 'malformed_json', `The JSON is nested deeper than ${deepest} levels.`);
    const next: Nested[] = [];
    for (const value of level) for (const item of nestedIn(value)) next.push(item);
    level = next;
  }
}

function nestedIn(value: Nested): Nested[] {
  if (Array.isArray(value)) return value.filter(isNested);
  const nested: Nested[] = [];
  for (const key of Object.keys(value)) {
    if (unsafeKeys.has(key)) throw new HttpError(400, 'malformed_json', `The key ${key} is not allowed.`);
    const item = value[key] as Json;
    if (isNested(item)) nested.push(item);
  }
  return nested;
}

const isNested = (value: Json): value is Nested => value !== null && typeof value === 'object';

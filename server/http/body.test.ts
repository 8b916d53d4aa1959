import { expect, test } from 'vitest';
import { decodeText, parseJson } from './body';

test('parses JSON and takes a byte order mark off', () => {
  expect(parseJson(decodeText(Buffer.from('\ufeff{"a":[1,{"b":null}]}')))).toEqual({ a: [1, { b: null }] });
});

test('refuses keys that reach prototypes, at any depth and however written', () => {
  for (const text of ['{"__proto__":1}', '{"a":[{"constructor":1}]}', '{"a":{"\\u0070rototype":{}}}']) expect(() => parseJson(text)).toThrow('is not allowed');
  expect(parseJson('{"a":"__proto__"}')).toEqual({ a: '__proto__' });
});

test('refuses nesting beyond 100 levels, without recursion', () => {
  expect(() => parseJson(`${'['.repeat(100)}${']'.repeat(100)}`)).not.toThrow();
  expect(() => parseJson(`${'['.repeat(101)}${']'.repeat(101)}`)).toThrow('deeper than 100');
  expect(() => parseJson(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`)).toThrow('deeper than 100');
});

test('says what is not UTF-8 and what is not JSON', () => {
  expect(() => decodeText(Buffer.from([0x7b, 0xff]))).toThrow('not UTF-8');
  expect(() => parseJson('{"a"')).toThrow(/^The body is not JSON: /);
});

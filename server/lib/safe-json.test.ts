import { expect, it } from 'vitest';
import { Invalid } from './errors';
import { assertSafeJson } from './safe-json';

it('names the place of a key that could pollute prototypes', () => {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    const value: unknown = JSON.parse(`{"a": [{"b": {"${key}": {"polluted": true}}}]}`);
    expect(() => {
      assertSafeJson(value, 'input');
    }).toThrow(`input.a[0].b.${key}`);
  }
});

it('limits depth and size', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 101; i++) deep = [deep];
  expect(() => {
    assertSafeJson(deep, 'input');
  }).toThrow(Invalid);
  expect(() => {
    assertSafeJson('x'.repeat(100), 'input', { bytes: 50 });
  }).toThrow(/102 bytes/);
  expect(() => {
    assertSafeJson({ a: [1, 'two', null, true, { b: {} }] }, 'input');
  }).not.toThrow();
  expect(() => {
    assertSafeJson({ f: () => 1 }, 'input');
  }).toThrow('not JSON');
});

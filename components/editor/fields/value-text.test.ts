import { expect, it } from 'vitest';
import type { Json } from '@/core/workflow/workflow';
import { fromText, toText } from './value-text';

it('shows every value as a text that means the same value again', () => {
  const values: Json[] = [
    '',
    'plain words',
    '{{ data.x }}',
    'a {{ b }} c',
    '5',
    'true',
    '"quoted"',
    '{not json',
    '{"a": 1}',
    '[1',
    5,
    true,
    null,
    [],
    { a: '{{ data }}', b: [1, { c: null }] },
  ];
  for (const value of values) expect(fromText(toText(value))).toEqual({ ok: true, value });
});

it('holds back what is begun as JSON and not finished', () => {
  expect(fromText('{"a": ')).toMatchObject({ ok: false });
  expect(fromText('  ')).toEqual({ ok: true, value: undefined });
});

import { expect, it } from 'vitest';
import { formFields, initialValues } from './form-fields';

it('makes a field of each property, in order', () => {
  const fields = formFields({
    type: 'object',
    properties: {
      refundAmount: { type: 'number', minimum: 1, maximum: 9, default: 5, description: 'In euros' },
      why: { type: 'string', format: 'textarea', title: 'Reason' },
      essay: { type: 'string', maxLength: 500 },
      name: { type: 'string' },
      day: { type: 'string', format: 'date' },
      when: { type: 'string', format: 'date-time' },
      sure: { type: 'boolean' },
      level: { enum: ['low', 2] },
      tags: { type: 'array', items: { enum: ['a', 'b'] } },
      rest: { type: 'object' },
      count: { type: 'integer' },
    },
    required: ['why'],
  });
  expect(fields.map(({ kind }) => kind)).toEqual(['number', 'lines', 'lines', 'text', 'date', 'date-time', 'switch', 'choice', 'choices', 'json', 'number']);
  expect(fields[0]).toMatchObject({ label: 'Refund amount', help: 'In euros', minimum: 1, maximum: 9, required: false, whole: false });
  expect(fields[1]).toMatchObject({ label: 'Reason', required: true });
  expect([...(fields[7]?.options ?? [])]).toEqual([
    ['low', 'low'],
    ['2', 2],
  ]);
  expect(fields[10]?.whole).toBe(true);
  expect(initialValues(fields)).toEqual({ refundAmount: 5, sure: false });
});
it('takes anything for a form', () => {
  for (const schema of [null, {}, { properties: [] }, { properties: { a: true } }, { properties: { a: null }, required: 'a' }]) {
    expect(formFields(schema as never).every(({ kind }) => kind === 'json')).toBe(true);
  }
});

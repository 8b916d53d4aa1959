import { readFileSync } from 'node:fs';
import { Validator } from '@cfworker/json-schema';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { awlJsonSchema } from './awl-json-schema';

it('public/schemas/awl.json is fresh (npx tsx scripts/generate-awl-schema.ts)', () => {
  expect(JSON.parse(readFileSync('public/schemas/awl.json', 'utf8'))).toEqual(awlJsonSchema());
});

it('accepts what AWL accepts, and refuses what it refuses', () => {
  const validator = new Validator(awlJsonSchema() as never, '2020-12');
  const fits = (text: string) => validator.validate(parse(text)).valid;
  expect(
    fits(
      'workflow: {name: data-pipeline}\nsteps: [{id: fetch, agent: analyst, timeout: 30s, retry: 3}, {id: validate, depends_on: [fetch], condition: "data.valid == true"}]',
    ),
  ).toBe(true);
  expect(
    fits('workflow: {name: a, triggers: [manual, {webhook: {method: POST}}], steps: [{id: b, retry: {attempts: 2, delay: 1s}, on_error: {goto: b}}]}'),
  ).toBe(true);
  expect(fits('workflow: {name: a}')).toBe(false);
  expect(fits('workflow: {name: a, steps: [{id: b, dependsOn: [c]}]}')).toBe(false);
  expect(fits('workflow: {name: a, steps: [{id: b, timeout: soon}]}')).toBe(false);
});

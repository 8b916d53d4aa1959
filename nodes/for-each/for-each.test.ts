import { expect, it } from 'vitest';
import definition from './definition';

it('takes a list or a template that gives one', () => {
  for (const items of [[1, 2], [], '{{ data.rows }}']) expect(definition.config.safeParse({ items }).success).toBe(true);
  for (const items of ['rows', 5, {}, undefined]) expect(definition.config.safeParse({ items }).success).toBe(false);
  expect(definition.config.parse({ items: [] })).toMatchObject({ concurrency: 1, errors: 'fail', results: true });
});

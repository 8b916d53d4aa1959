import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAwl } from '@/core/workflow/awl';
import { validateWorkflow } from '@/core/workflow/validate';
import { nodeDefinitions } from '@/nodes/definitions';

const root = join(import.meta.dirname, '..');
const pages = ['README.md', ...readdirSync(join(root, 'docs/how-to')).map((name) => `docs/how-to/${name}`)];
const examples = pages.flatMap((page) =>
  Array.from(readFileSync(join(root, page), 'utf8').matchAll(/```yaml\n(workflow:\n[\s\S]*?)```/g), (match, i) => ({ page, number: i + 1, source: match[1] ?? '' })),
);

it.each(examples)('$page: example $number is a workflow without faults', ({ source }) => {
  const parsed = parseAwl(source);
  expect(parsed.ok ? [] : parsed.problems).toEqual([]);
  if (parsed.ok) expect(validateWorkflow(parsed.workflow, nodeDefinitions)).toEqual([]);
});

it('finds the examples', () => {
  expect(examples.length).toBeGreaterThan(5);
});

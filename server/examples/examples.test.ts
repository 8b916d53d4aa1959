import { expect, it } from 'vitest';
import { parseAwl } from '@/core/workflow/awl';
import { validateWorkflow } from '@/core/workflow/validate';
import { nodeDefinitions } from '@/nodes/definitions';
import { exampleWorkflows } from '.';

it.each(exampleWorkflows())('$slug is valid, complete and laid out', ({ slug, awl }) => {
  const parsed = parseAwl(awl);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { workflow } = parsed;
  expect(validateWorkflow(workflow, nodeDefinitions)).toEqual([]);
  expect(workflow.name).toBe(slug);
  expect(workflow.description).toBeTruthy();
  const places = [...workflow.triggers.map((_, i) => `trigger:${i}`), ...workflow.steps.map((s) => s.id)];
  expect(Object.keys(workflow.layout).sort()).toEqual(places.sort());
  for (const step of workflow.steps) expect(step.title, step.id).toBeTruthy();
});

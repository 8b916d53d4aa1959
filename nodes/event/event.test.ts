import { expect, it } from 'vitest';
import { parseAwl, toAwlDocument } from '@/core/workflow/awl';
import { validateWorkflow } from '@/core/workflow/validate';
import { nodeDefinitions } from '../definitions';
import { testFaults } from '../test-step';
import definition from './definition';

it('wants a pattern of event types', () => {
  expect(testFaults('event', { pattern: 'order.*' })).toEqual([]);
  expect(testFaults('event', { pattern: 'Order created' })).toEqual(['pattern']);
  expect(testFaults('event', {})).toEqual(['pattern']);
  expect(testFaults('event', { pattern: 'order.**', filter: 'event.data.total > 100' })).toEqual([]);
  expect(testFaults('event', { pattern: 'order.**', filter: '' })).toEqual(['filter']);
});
it('says which', () => {
  expect(definition.subtitle?.({ pattern: 'order.*' })).toBe('order.*');
  expect(definition.subtitle?.({ pattern: 'order.*', filter: 'event.data.n > 1' })).toBe('order.* when event.data.n > 1');
});
it('is written short in AWL, or with a filter that is checked', () => {
  const read = (trigger: string) => {
    const parsed = parseAwl(`workflow: {name: a, triggers: [{event: ${trigger}}], steps: [{id: a}]}`);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const { workflow } = toAwlDocument(parsed.workflow) as { workflow: { triggers: unknown[] } };
    return { stored: workflow.triggers[0], problems: validateWorkflow(parsed.workflow, nodeDefinitions).map(({ path, message }) => `${path}: ${message}`) };
  };
  expect(read('"order.*"')).toEqual({ stored: { event: 'order.*' }, problems: [] });
  const filtered = { pattern: 'order.**', filter: 'event.data.total > 100' };
  expect(read(JSON.stringify(filtered))).toEqual({ stored: { event: filtered }, problems: [] });
  expect(read('{pattern: "order.**", filter: "event.total > 100"}').problems).toEqual([
    'workflow.triggers[0].event.filter: there is no event.total; did you mean event.data.total?',
  ]);
  expect(read('{pattern: "order.**", filter: "event.data.total >"}').problems).toHaveLength(1);
});

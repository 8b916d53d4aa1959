import { expect, it } from 'vitest';
import { compileExpression } from '@/core/expression/expression';
import type { EventService } from '@/core/node/executor';
import { parseAwl } from '@/core/workflow/awl';
import { validateWorkflow } from '@/core/workflow/validate';
import { nodeDefinitions } from '../definitions';
import { testFaults, testStep } from '../test-step';

type Request = Parameters<EventService['expect']>[0];
async function expecting(config: Record<string, unknown>) {
  const requests: Request[] = [];
  const events: EventService = { expect: async (request) => void requests.push(request) };
  const { result } = await testStep('wait-for-event', { pattern: 'order.*', ...config }, { path: 'paid[2]', services: { events } });
  return { request: requests[0] as Request, wait: 'wait' in result ? result.wait : undefined };
}

it('expects an event and waits for it', async () => {
  const { request, wait } = await expecting({ timeout: '1m' });
  expect(request).toEqual({ organizationId: 'org', runId: 'run', path: 'paid[2]', tryKey: '1', pattern: 'order.*' });
  expect(wait).toMatchObject({ kind: 'event', signal: '$event/paid[2]', until: 1_060_000, expiry: { error: { code: 'wait_timeout' } } });
});
it('looks the first place up by an index and the rest by an expression that no value breaks out of', async () => {
  const { request } = await expecting({ match: { 'data.order': 42, subject: 'a" || true || "', 'data.eu': true }, filter: 'event.data.total > 1' });
  expect(request.key).toEqual({ field: 'data.order', value: 42 });
  const holds = (event: object) => compileExpression(request.filter ?? '').evaluate({ event } as never);
  expect(holds({ subject: 'a" || true || "', data: { eu: true, total: 2 } })).toBe(true);
  expect(holds({ subject: 'a', data: { eu: true, total: 2 } })).toBe(false);
  expect(holds({ subject: 'a" || true || "', data: { eu: true, total: 1 } })).toBe(false);
});
it('refuses filters that cannot be and patterns that match nothing', async () => {
  await expect(expecting({ filter: 'event.data.total >' })).rejects.toMatchObject({ code: 'invalid_filter', retryable: false });
  await expect(expecting({ filter: 'input.x == 1' })).rejects.toThrow('input');
  expect(testFaults('wait-for-event', { pattern: 'Order Paid' })).toEqual(['pattern']);
  expect(testFaults('wait-for-event', { pattern: 'a', match: { 'steps.x': 1 } })).toEqual(['match.steps.x']);
});
it('is found wrong in the editor when its filter is', () => {
  const problems = (filter: string) => {
    const steps = [{ id: 'w', uses: 'wait-for-event', with: { pattern: 'order.*', filter } }];
    const parsed = parseAwl({ workflow: { name: 'x', steps } });
    return parsed.ok ? validateWorkflow(parsed.workflow, nodeDefinitions).map(({ path, message }) => `${path} ${message}`) : ['no AWL'];
  };
  expect(problems('event.data.total > 1')).toEqual([]);
  expect(problems('event.total > 1')).toEqual([expect.stringContaining('workflow.steps[0].with.filter there is no event.total')]);
  expect(problems('input.x')).toEqual([expect.stringContaining('unknown name "input"')]);
});

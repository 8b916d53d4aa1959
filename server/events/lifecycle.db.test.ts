import { afterAll, beforeAll, expect, it } from 'vitest';
import { StepError } from '@/core/node/executor';
import { lifecycleTypes } from '@/core/workflow/event-pattern';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { startTestWorker, testServices } from '@/server/engine/testing';
import type { Worker } from '@/server/engine/worker';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { getRun, startRun } from '@/server/runs';
import { createWorkflow } from '@/server/workflows';
import { configureEvents, createEventService, getEvent, listEvents, publishEvent, startEventDispatcher } from '.';

let database: TestDatabase;
let tenant: TestTenant;
let worker: Worker;
let dispatcher: Promise<void>;
const aborter = new AbortController();
beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  const details = { text: `${'x'.repeat(300_000)}`, retryAt: 5 };
  const behaviours = {
    fails: () => Promise.reject(new Error('no')),
    odd: () => Promise.reject(new StepError('odd', 'nul \0 and half \ud800')),
    large: () => Promise.reject(new StepError('large', 'too much', { details })),
  };
  worker = await startTestWorker({ ...testServices(behaviours), events: createEventService() });
  dispatcher = startEventDispatcher({ signal: aborter.signal });
});
afterAll(async () => {
  aborter.abort();
  await Promise.all([dispatcher, worker.stop(0)]);
  await closeEnginePool();
  await database.close();
});

async function workflow(name: string, rest: object): Promise<string> {
  return (await createWorkflow(tenant.ctx, { definition: { workflow: { name, steps: [{ id: 'a' }], ...rest } } })).id;
}
const status = async (runId: string) => (await getRun(tenant.ctx, { runId })).status;
const typesOf = async (subject: string) => (await listEvents(tenant.ctx, { subject, order: 'oldest' })).items.map((e) => e.type);
const patience = { timeout: 15_000 };

it('the list of Heddle’s own events is the same in TypeScript and SQL', async () => {
  const [row] = await database.sql<{ types: string[] }>('SELECT event_lifecycle_types() AS types');
  expect([...(row?.types ?? [])].sort()).toEqual([...lifecycleTypes].sort());
});

it('a run waits for an event without occupying anything, and goes on with it', async () => {
  const steps = [{ id: 'paid', uses: 'wait-for-event', with: { pattern: 'order.*', match: { 'data.order': '{{ input.order }}' }, timeout: '1d' } }];
  const workflowId = await workflow('waiter', { steps });
  const [one, two] = [await startRun(tenant.ctx, { workflowId, input: { order: 1 } }), await startRun(tenant.ctx, { workflowId, input: { order: 2 } })];
  await expect.poll(async () => [await status(one.runId), await status(two.runId)], patience).toEqual(['waiting', 'waiting']);
  await expect.poll(async () => (await database.sql('SELECT FROM event_wait WHERE answered_at IS NULL')).length, patience).toBe(2);
  const { id } = await publishEvent(tenant.ctx, { type: 'order.paid', data: { order: 2 } });
  await expect.poll(() => status(two.runId), patience).toBe('succeeded');
  expect((await getRun(tenant.ctx, { runId: two.runId })).output).toMatchObject({ id, type: 'order.paid', data: { order: 2 } });
  expect(await status(one.runId)).toBe('waiting');
});

it('ends of runs, steps that failed and dead letters start what listens for them, once', async () => {
  const handler = await workflow('handler', { triggers: [{ event: { pattern: 'run.failed', filter: 'event.data.workflow == "failing"' } }] });
  await configureEvents(tenant.ctx, { keepRunEvents: true });
  const workflowId = await workflow('failing', { steps: [{ id: 'x', uses: 'code', with: { source: 'fails' }, retry: { attempts: 1, delay: '1ms' } }] });
  const { runId } = await startRun(tenant.ctx, { workflowId });
  await expect.poll(() => status(runId), patience).toBe('failed');
  await expect.poll(() => typesOf(runId), patience).toEqual(expect.arrayContaining(['run.failed', 'run.dead_lettered']));
  expect(await typesOf(`${runId}/x`)).toEqual(['step.failed']);
  const failed = (await listEvents(tenant.ctx, { subject: runId, pattern: 'run.failed' })).items[0];
  expect(failed).toMatchObject({ source: 'run', runId, data: { runId, workflow: 'failing', workflowId, status: 'failed', error: { step: 'x' } } });
  const handled = async () => (await getEvent(tenant.ctx, { id: failed?.id ?? '' })).runs.map((r) => [r.workflow.id, r.status]);
  await expect.poll(handled, patience).toEqual([[handler, 'succeeded']]);
});

it('failures with text that PostgreSQL refuses, or in the blob store, are told once, when they are final, and nobody’s commit fails over them', async () => {
  const other = await makeTenant();
  await configureEvents(tenant.ctx, { keepRunEvents: true });
  const make = async (of: TestTenant, source: string) => {
    const steps = [{ id: 'x', uses: 'code', with: { source }, retry: { attempts: 1, delay: '1ms' } }];
    const workflowId = (await createWorkflow(of.ctx, { definition: { workflow: { name: source, steps } } })).id;
    return (await startRun(of.ctx, { workflowId })).runId;
  };
  for (const code of ['odd', 'large']) {
    const [runId, foreign] = [await make(tenant, code), await make(other, code)];
    await expect.poll(() => status(runId), patience).toBe('failed');
    await expect.poll(async () => (await getRun(other.ctx, { runId: foreign })).status, patience).toBe('failed');
    expect((await getRun(tenant.ctx, { runId })).error).toMatchObject({ code });
    expect((await getRun(other.ctx, { runId: foreign })).error).toMatchObject({ code });
    const events = (await listEvents(tenant.ctx, { subject: `${runId}/x` })).items;
    expect(events).toMatchObject([{ type: 'step.failed', data: { step: 'x', attempt: 2, error: { code }, handled: null } }]);
    expect((await listEvents(other.ctx, {})).items).toEqual([]);
    expect(await database.sql('SELECT code FROM dead_letter WHERE run_id = $1', [runId])).toEqual([{ code }]);
  }
});

it('a circuit breaker that opens or closes is told once, with the time it is tried again', async () => {
  await configureEvents(tenant.ctx, { keepRunEvents: true });
  const [org, target] = [tenant.organizationId, 'host:api.example.com'];
  await database.sql('INSERT INTO circuit (organization_id, target) VALUES ($1, $2)', [org, target]);
  await database.sql('SELECT circuit_open($1, $2, 0)', [org, target]);
  await database.sql(`UPDATE circuit SET state = 'half_open', until = now() WHERE organization_id = $1`, [org]);
  await database.sql('SELECT circuit_open($1, $2, 0)', [org, target]);
  await database.sql('SELECT circuit_close($1, $2)', [org, target]);
  const { items } = await listEvents(tenant.ctx, { subject: target, order: 'oldest' });
  expect(items).toMatchObject([
    { type: 'circuit.opened', data: { target, state: 'open', until: expect.any(String), byHand: false } },
    { type: 'circuit.closed', data: { target, state: 'closed', until: null } },
  ]);
});

it('a workflow that listens for its own end does not run for ever', async () => {
  const workflowId = await workflow('ouroboros', { triggers: [{ event: 'run.succeeded' }] });
  const { runId } = await startRun(tenant.ctx, { workflowId });
  await expect.poll(() => typesOf(runId), patience).toEqual(['run.succeeded']);
  const [own] = (await listEvents(tenant.ctx, { subject: runId })).items;
  const outcome = async () => {
    const { runs, leftOut } = await getEvent(tenant.ctx, { id: own?.id ?? '' });
    return [runs, leftOut.map((l) => [l.workflow.slug, l.reason])];
  };
  await expect.poll(outcome, patience).toEqual([[], [['ouroboros', expect.stringContaining('led to the event')]]]);
});

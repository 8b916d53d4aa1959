import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventService } from '@/core/node/executor';
import { prefixesOf } from '@/core/workflow/event-pattern';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { withTenant } from '@/server/db/transaction';
import { closeEnginePool, enginePool } from '@/server/queue/engine-pool';
import { createEventService, getEvent, publishEvent, replayEvents, startEventDispatcher } from '.';
import { dispatchEvent, lookAround } from './dispatch-event';

let database: TestDatabase;
let tenant: TestTenant;
const events = createEventService();
const aborter = new AbortController();
let dispatcher: Promise<void>;
beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  dispatcher = startEventDispatcher({ signal: aborter.signal });
});
afterAll(async () => {
  aborter.abort();
  await dispatcher;
  await closeEnginePool();
  await database.close();
});

type Wait = Omit<Parameters<EventService['expect']>[0], 'organizationId' | 'runId' | 'path' | 'tryKey'>;
async function waiting(wait: Wait, { runId = uuid(), path = 'wait', tryKey = '1', of = tenant } = {}): Promise<string> {
  await events.expect({ organizationId: of.organizationId, runId, path, tryKey, ...wait });
  return runId;
}
const mail = async (runId: string) =>
  (await database.sql<{ kind: string; payload: string }>('SELECT kind, payload FROM run_inbox WHERE run_id = $1 ORDER BY id', [runId])).map(
    ({ kind, payload }) => {
      const { name, data } = JSON.parse(payload);
      return [kind, name, data.data.n];
    },
  );
const send = (type: string, n: number, more: { subject?: string; order?: unknown } = {}, of = tenant) =>
  publishEvent(of.ctx, { type, ...(more.subject ? { subject: more.subject } : {}), data: { n, ...(more.order === undefined ? {} : { order: more.order }) } });

it('a step hears of the first event that matches, once, with the whole event', async () => {
  const run = await waiting({ pattern: 'order.**', filter: 'event.data.n > 1' }, { path: 'each[3]' });
  const foreign = await makeTenant();
  await send('order.paid', 5, {}, foreign);
  await send('order.paid', 1);
  expect(await mail(run)).toEqual([]);
  const { id } = await send('order.paid', 2);
  await send('order.paid', 3);
  expect(await mail(run)).toEqual([['signal', '$event/each[3]', 2]]);
  const [{ payload } = { payload: '' }] = await database.sql<{ payload: string }>('SELECT payload FROM run_inbox WHERE run_id = $1', [run]);
  expect(JSON.parse(payload).data).toEqual({ type: 'order.paid', subject: null, data: { n: 2 }, id, at: expect.any(String) });
  expect((await getEvent(tenant.ctx, { id })).answered).toEqual([{ runId: run, path: 'each[3]' }]);
  // the step asks again after a crash, answered or not
  await waiting({ pattern: 'order.**' }, { runId: run, path: 'each[3]' });
  await send('order.paid', 4);
  expect(await mail(run)).toHaveLength(1);
});

it('a step that is tried again waits anew, and what answers the earlier try has another name', async () => {
  const run = await waiting({ pattern: 'run.*' });
  await send('again.a', 0);
  await waiting({ pattern: 'again.*' }, { runId: run, tryKey: '2' });
  await send('again.a', 1);
  // the same try after a crash, then an earlier one that a frozen worker still tries
  await waiting({ pattern: 'again.*' }, { runId: run, tryKey: '2' });
  await waiting({ pattern: 'again.*' }, { runId: run, tryKey: '1' });
  await send('again.a', 2);
  expect(await mail(run)).toEqual([['signal', '$event/wait#2', 1]]);
  await waiting({ pattern: 'again.*' }, { runId: run, tryKey: '10' });
  await send('again.a', 3);
  expect((await mail(run)).map(([, name, n]) => [name, n]).sort()).toEqual([
    ['$event/wait#10', 3],
    ['$event/wait#2', 1],
  ]);
  expect((await enginePool().query(`SELECT FROM event_interest WHERE source = $1`, [`wait:${run}/wait`])).rows).toEqual([]);
});

it('a key finds the one among many, as a text; a filter that says so plainly is a key too', async () => {
  const runs = await Promise.all(Array.from({ length: 20 }, (_, n) => waiting({ pattern: 'key.paid', key: { field: 'data.order', value: n } })));
  const plain = await waiting({ pattern: 'key.*', filter: 'event.data.order == "7" && event.data.n == 2' });
  const long = await waiting({ pattern: 'key.**', key: { field: 'subject', value: 'x'.repeat(400) } });
  await send('key.paid', 1, { order: 7 });
  await send('key.paid', 2, { order: '7', subject: 'x'.repeat(400) });
  expect(await mail(runs[7] as string)).toEqual([['signal', '$event/wait', 1]]);
  expect([await mail(plain), await mail(long)]).toEqual([[['signal', '$event/wait', 2]], [['signal', '$event/wait', 2]]]);
  for (const [n, run] of runs.entries()) if (n !== 7) expect(await mail(run)).toEqual([]);
  const kinds = await database.sql<{ k: string; n: number }>(
    `SELECT key_field AS k, count(*)::int AS n FROM event_wait WHERE pattern LIKE 'key.%' GROUP BY 1 ORDER BY 1`,
  );
  expect(kinds).toEqual([
    { k: '["data","order"]', n: 21 },
    { k: '["subject"]', n: 1 },
  ]);
});

function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

it('two events at the same time, in two processes, answer a step once', async () => {
  const run = await waiting({ pattern: 'race.*' });
  const { organizationId } = tenant;
  const [gate, holding] = [signal(), signal()];
  const dispatch = (n: number, hold?: Promise<void>) =>
    withTenant(organizationId, async (tx) => {
      const look = await lookAround(tx, organizationId, prefixesOf('race.now'));
      const event = { type: 'race.now', subject: null, data: { n }, id: uuid(), at: look.at.toISOString(), depth: 0, cause: [] };
      const { answered } = await dispatchEvent(tx, organizationId, event, look);
      holding.resolve();
      await hold;
      return answered ?? [];
    });
  const first = dispatch(1, gate.promise);
  await holding.promise;
  const second = dispatch(2);
  const blocked = () => database.sql(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
  await expect.poll(async () => (await blocked()).length).toBe(1);
  gate.resolve();
  expect([await first, await second]).toEqual([[{ runId: run, path: 'wait' }], []]);
  expect(await mail(run)).toEqual([['signal', '$event/wait', 1]]);
});

it('a wait that begins in the past hears of the oldest event since then', async () => {
  const [first, second] = [await send('past.a', 1), await send('past.b', 2)];
  const since = Date.parse((await getEvent(tenant.ctx, { id: first.id })).at);
  const both = await waiting({ pattern: 'past.*', since });
  const filtered = await waiting({ pattern: 'past.*', filter: 'event.type == "past.b"', since });
  const later = await waiting({ pattern: 'past.b', since: Date.parse((await getEvent(tenant.ctx, { id: second.id })).at) + 1 });
  const now = await waiting({ pattern: 'past.*' });
  expect([await mail(both), await mail(filtered), await mail(later), await mail(now)].map((m) => m.map((x) => x[2]))).toEqual([[1], [2], [], []]);
  await send('past.b', 3);
  expect([await mail(both), await mail(later), await mail(now)].map((m) => m.map((x) => x[2]))).toEqual([[1], [3], [3]]);
});

it('Heddle’s own events and no replays answer steps; while one waits for them they are wanted', async () => {
  const wanted = async () => (await enginePool().query(`SELECT event_wanted($1, 'run.failed') AS w`, [tenant.organizationId])).rows[0]?.w;
  expect(await wanted()).toBe(false);
  const run = await waiting({ pattern: 'run.*' });
  expect(await wanted()).toBe(true);
  await enginePool().query(`SELECT event_publish($1, 'run.failed', NULL, '{"n": 9}', NULL)`, [tenant.organizationId]);
  await expect.poll(() => mail(run), { timeout: 10_000 }).toEqual([['signal', '$event/wait', 9]]);
  expect(await wanted()).toBe(false);
  const from = new Date(Date.now() - 60_000).toISOString();
  const again = await waiting({ pattern: 'order.**' });
  const { events: count } = await replayEvents(tenant.ctx, { from, pattern: 'order.**' });
  expect(count).toBeGreaterThan(0);
  const open = async () => (await database.sql('SELECT FROM event WHERE dispatched_at IS NULL')).length;
  await expect.poll(open, { timeout: 10_000 }).toBe(0);
  expect(await mail(again)).toEqual([]);
});

it('what cannot be waited for is an error of the step', async () => {
  await expect(waiting({ pattern: 'Order' })).rejects.toMatchObject({ code: 'invalid_pattern', retryable: false });
  await expect(waiting({ pattern: 'a', filter: 'event.' })).rejects.toMatchObject({ code: 'invalid_filter', retryable: false });
  await expect(waiting({ pattern: 'a', key: { field: 'subject', value: {} } })).rejects.toMatchObject({ code: 'invalid_key', retryable: false });
});

it('texts that PostgreSQL refuses are found like others, each by itself', async () => {
  const texts = ['a\u0000', 'a\ud800', 'a\udc00', 'a\ufffd'];
  const runs: string[] = [];
  for (const value of texts) runs.push(await waiting({ pattern: 'odd.*', key: { field: 'data.order', value } }));
  const found = async () => (await Promise.all(runs.map(mail))).map((m) => m.map((x) => x[2]));
  await send('odd.a', 0, { order: 'b\u0000' });
  expect(await found()).toEqual([[], [], [], []]);
  for (const [n, order] of texts.entries()) await send('odd.a', n, { order });
  expect(await found()).toEqual([[0], [1], [2], [3]]);
  await expect(waiting({ pattern: 'a', filter: 'event.data.x == "\u0000"' })).rejects.toMatchObject({ code: 'invalid_filter', retryable: false });
});

it('waits of runs that have left the queue are forgotten, of others not', async () => {
  const [ended, queued] = [await waiting({ pattern: 'run.**' }), await waiting({ pattern: 'sweep.a' })];
  await database.sql('INSERT INTO run_queue (organization_id, run_id, state) VALUES ($1, $2, 3)', [tenant.organizationId, queued]);
  await database.sql(`UPDATE event_wait SET created_at = now() - interval '1 hour' WHERE run_id = ANY($1)`, [[ended, queued]]);
  await enginePool().query('SELECT event_sweep_waits()');
  expect(await database.sql('SELECT run_id FROM event_wait WHERE run_id = ANY($1)', [[ended, queued]])).toEqual([{ run_id: queued }]);
  expect(await database.sql(`SELECT FROM event_interest WHERE source LIKE 'wait:%'`)).toEqual([]);
});

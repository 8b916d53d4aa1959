import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '@/core/workflow/workflow';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { withTenant } from '@/server/db/transaction';
import { closeEnginePool, engineConnection, enginePool } from '@/server/queue/engine-pool';
import { createWorkflow, deleteWorkflow } from '@/server/workflows';
import { configureEvents, forgetEvents, getEvent, getEventSettings, listEvents, publishEvent, replayEvents, startEventDispatcher } from '.';

let database: TestDatabase;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await closeEnginePool();
  await database.close();
});

/** A dispatcher in this process, until the function it returns is called. */
function dispatcher(): () => Promise<void> {
  const aborter = new AbortController();
  const done = startEventDispatcher({ signal: aborter.signal });
  const stop = async () => {
    aborter.abort();
    await done;
  };
  stops.push(stop);
  return stop;
}
async function listening(tenant: TestTenant, name: string, event: Json, more: object = {}): Promise<string> {
  const definition = { workflow: { name, triggers: [{ event }], steps: [{ id: 'a' }], ...more } };
  return (await createWorkflow(tenant.ctx, { definition })).id;
}
const slugs = (list: { workflow: { slug: string } }[]) => list.map((each) => each.workflow.slug);
/** What Heddle itself publishes, as the engine does in its commit. */
async function happened(tenant: TestTenant, type: string, data: Json = {}, run: string | null = null): Promise<string> {
  const { rows } = await enginePool().query<{ id: string }>('SELECT event_publish($1, $2, $3, $4, $5) AS id', [
    tenant.organizationId,
    type,
    run,
    JSON.stringify(data),
    run,
  ]);
  return rows[0]?.id as string;
}
const runsOf = (workflowId: string) =>
  database.sql<{ id: string; input: string; startedBy: string }>('SELECT id, input, started_by AS "startedBy" FROM run WHERE workflow_id = $1 ORDER BY id', [
    workflowId,
  ]);
const wanted = async (tenant: TestTenant, type = 'run.failed') =>
  (await enginePool().query<{ w: boolean }>('SELECT event_wanted($1, $2) AS w', [tenant.organizationId, type])).rows[0]?.w;
const dispatched = async (tenant: TestTenant, id: string) => {
  await expect.poll(async () => (await getEvent(tenant.ctx, { id })).dispatchedAt, { timeout: 10_000 }).not.toBeNull();
  return getEvent(tenant.ctx, { id });
};

describe('publishing', () => {
  it('stores the event with what it started, and either both or none', async () => {
    const tenant = await makeTenant();
    const id = await listening(tenant, 'orders', 'order.*');
    const sent = await publishEvent(tenant.ctx, { type: 'order.created', subject: 'o-1', data: { n: 1, odd: '\u0000\ud800' } });
    const [run] = await runsOf(id);
    const stored = await getEvent(tenant.ctx, { id: sent.id });
    expect(stored).toMatchObject({ type: 'order.created', subject: 'o-1', data: { n: 1, odd: '\u0000\ud800' }, source: 'api', replayOf: null, depth: 0 });
    expect(stored.runs).toEqual([{ workflow: { id, slug: 'orders' }, runId: run?.id, status: 'queued' }]);
    expect([run?.startedBy, JSON.parse(run?.input ?? '').at]).toEqual([`event:${sent.id}`, stored.at]);
    await database.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$`);
    await database.sql('CREATE TRIGGER refuse BEFORE INSERT ON run_queue FOR EACH ROW WHEN (NEW.priority = 99) EXECUTE FUNCTION refuse()');
    const refusing = await listening(tenant, 'refusing', 'order.**', { settings: { priority: 99 } });
    await expect(publishEvent(tenant.ctx, { type: 'order.created' })).rejects.toThrow();
    expect([(await runsOf(id)).length, (await listEvents(tenant.ctx)).items.length]).toEqual([1, 1]);
    await deleteWorkflow(tenant.ctx, { id: refusing });
  });

  it('takes many at once, in their order, and one that fails fails alone', async () => {
    const tenant = await makeTenant();
    const id = await listening(tenant, 'many', 'many.*');
    await listening(tenant, 'refusing', { pattern: 'many.*', filter: 'event.data.n == 17' }, { settings: { priority: 99 } });
    const sent = await Promise.allSettled(
      Array.from({ length: 60 }, (_, n) => publishEvent(tenant.ctx, { type: n % 2 ? 'many.odd' : 'many.even', data: { n } })),
    );
    expect(sent.flatMap((each, n) => (each.status === 'rejected' ? [n] : []))).toEqual([17]);
    const others = Array.from({ length: 60 }, (_, n) => n).filter((n) => n !== 17);
    expect((await runsOf(id)).map((run) => JSON.parse(run.input).n).sort((a, b) => a - b)).toEqual(others);
    const { items } = await listEvents(tenant.ctx, { order: 'oldest', limit: 100 });
    expect(items.map((e) => [(e.data as { n: number }).n, e.started])).toEqual(others.map((n) => [n, 1]));
    const audited = await database.sql(`SELECT FROM audit_event WHERE organization_id = $1 AND action = 'event.publish'`, [tenant.organizationId]);
    expect(audited).toHaveLength(59);
  });

  it('starts a run only where the filter is true; one that fails is told', async () => {
    const tenant = await makeTenant();
    await listening(tenant, 'large', { pattern: 'order.**', filter: 'event.data.total > 100' });
    await listening(tenant, 'from-us', { pattern: 'order.created', filter: 'event.subject == "us" || event.data.country == "us"' });
    const small = await publishEvent(tenant.ctx, { type: 'order.created', subject: 'us', data: { total: 5 } });
    expect([slugs(small.runs), small.leftOut]).toEqual([['from-us'], []]);
    const large = await publishEvent(tenant.ctx, { type: 'order.created', data: { total: 500, country: 'de' } });
    expect([slugs(large.runs), large.leftOut]).toEqual([['large'], []]);
    const odd = await publishEvent(tenant.ctx, { type: 'order.created.eu', data: {} });
    expect(odd.runs).toEqual([]);
    expect(odd.leftOut).toEqual([{ workflow: { id: expect.any(String), slug: 'large' }, reason: expect.stringContaining('total') }]);
  });

  it('goes by the limits of a workflow: one run a key', async () => {
    const tenant = await makeTenant();
    const id = await listening(tenant, 'once', 'order.*', { settings: { dedupe: { key: '{{ input.order }}', window: '1h' } } });
    const [first, again, other, odd] = [
      await publishEvent(tenant.ctx, { type: 'order.paid', data: { order: 1 } }),
      await publishEvent(tenant.ctx, { type: 'order.paid', data: { order: 1 } }),
      await publishEvent(tenant.ctx, { type: 'order.paid', data: { order: 2 } }),
      await publishEvent(tenant.ctx, { type: 'order.paid', data: {} }),
    ];
    expect(again.runs).toEqual([{ workflow: { id, slug: 'once' }, runId: first.runs[0]?.runId, deduplicated: true }]);
    expect([other.runs.length, odd.runs, odd.leftOut]).toEqual([1, [], [expect.objectContaining({ reason: expect.stringContaining('dedupe.key') })]]);
    expect(await runsOf(id)).toHaveLength(2);
  });

  it('leaves Heddle’s own types to Heddle, and asks for the permission', async () => {
    const tenant = await makeTenant();
    for (const type of ['run.failed', 'step.x', 'approval', 'circuit.opened.now'])
      await expect(publishEvent(tenant.ctx, { type })).rejects.toThrow('Heddle itself');
    expect((await publishEvent(tenant.ctx, { type: 'runner.failed' })).runs).toEqual([]);
    await expect(publishEvent(tenant.contextAs('viewer'), { type: 'a' })).rejects.toThrow('event:publish');
    await expect(replayEvents(tenant.contextAs('viewer'), { from: new Date().toISOString() })).rejects.toThrow('event:replay');
    await expect(publishEvent(tenant.ctx, { type: 'a', subject: 'a\u0000' })).rejects.toThrow('NUL');
  });
});

describe('Heddle’s own events', () => {
  it('are wanted only where something waits for them', async () => {
    const [tenant, other] = [await makeTenant(), await makeTenant()];
    expect(await wanted(tenant)).toBe(false);
    const id = await listening(tenant, 'watching', '*.failed');
    expect([await wanted(tenant), await wanted(tenant, 'step.failed'), await wanted(tenant, 'run.succeeded'), await wanted(other)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    await database.sql(`UPDATE trigger SET settings = '{"pattern": "order.*"}' WHERE workflow_id = $1`, [id]);
    expect(await wanted(tenant)).toBe(false);
    await configureEvents(tenant.ctx, { keepRunEvents: true });
    expect([await wanted(tenant), await getEventSettings(tenant.ctx)]).toEqual([true, { keepRunEvents: true }]);
    await configureEvents(tenant.ctx, { keepRunEvents: false });
    expect([await wanted(tenant), await getEventSettings(tenant.ctx)]).toEqual([false, { keepRunEvents: false }]);
    await expect(configureEvents(tenant.contextAs('editor'), { keepRunEvents: true })).rejects.toThrow('event:configure');
  });

  it('start what waits for them, in spite of a dispatcher that died over them', async () => {
    const tenant = await makeTenant();
    const id = await listening(tenant, 'watching', 'run.*');
    const event = await happened(tenant, 'run.failed', { code: 'x' });
    expect((await getEvent(tenant.ctx, { id: event })).dispatchedAt).toBeNull();
    // a dispatcher that holds the event and has done half of its work
    const dying = engineConnection('dying');
    dying.on('error', () => {});
    await dying.connect();
    await dying.query('BEGIN');
    await database.sql('GRANT UPDATE (dispatched_at) ON event TO heddle_engine');
    await dying.query('UPDATE event SET dispatched_at = now() WHERE id = $1', [event]);
    const stop = dispatcher();
    const later = await happened(tenant, 'run.succeeded');
    await dispatched(tenant, later);
    expect((await getEvent(tenant.ctx, { id: event })).dispatchedAt).toBeNull();
    await database.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'heddle dying'`);
    const { runs } = await dispatched(tenant, event);
    expect(slugs(runs)).toEqual(['watching']);
    expect((await runsOf(id)).map((r) => JSON.parse(r.input).type).sort()).toEqual(['run.failed', 'run.succeeded']);
    await stop();
  });

  it('start each workflow exactly once for each event, with three dispatchers, one of which is stopped in between', async () => {
    const tenant = await makeTenant();
    const ids = [await listening(tenant, 'one', 'run.*'), await listening(tenant, 'two', { pattern: 'run.failed', filter: 'event.data.n >= 0' })];
    const stop = [dispatcher(), dispatcher(), dispatcher()];
    const publish = `SELECT event_publish($1, 'run.failed', NULL, json_build_object('n', n)::text, NULL) FROM generate_series($2::int, $3::int) n`;
    await enginePool().query(publish, [tenant.organizationId, 0, 149]);
    await stop[0]?.();
    await enginePool().query(publish, [tenant.organizationId, 150, 299]);
    const left = async () => (await database.sql('SELECT FROM event WHERE organization_id = $1 AND dispatched_at IS NULL', [tenant.organizationId])).length;
    await expect.poll(left, { timeout: 15_000 }).toBe(0);
    for (const id of ids) {
      const events = (await runsOf(id)).map((run) => JSON.parse(run.input).n as number);
      expect(events.sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    }
    await Promise.all(stop.map((s) => s()));
  });

  it('go in the order in which they happened', async () => {
    const tenant = await makeTenant();
    const id = await listening(tenant, 'ordered', 'run.*');
    await configureEvents(tenant.ctx, { keepRunEvents: true });
    for (let n = 0; n < 5; n++) await happened(tenant, 'run.failed', { n });
    const stop = dispatcher();
    await expect.poll(async () => (await runsOf(id)).map((r) => JSON.parse(r.input).n), { timeout: 10_000 }).toEqual([0, 1, 2, 3, 4]);
    await stop();
  });

  it('do not go round in circles', async () => {
    const tenant = await makeTenant();
    const [a, b] = [await listening(tenant, 'a', 'run.*'), await listening(tenant, 'b', 'run.*')];
    const stop = dispatcher();
    // whatever run an event starts tells of its end, for ever, as the engine would
    const told = new Set<string>();
    const tellAll = async () => {
      for (const run of [...(await runsOf(a)), ...(await runsOf(b))]) {
        if (told.has(run.id)) continue;
        told.add(run.id);
        await dispatched(tenant, await happened(tenant, 'run.succeeded', {}, run.id));
      }
    };
    await dispatched(tenant, await happened(tenant, 'run.failed'));
    for (let round = 0; round < 5; round++) await tellAll();
    // the first event starts a and b, the end of a starts b, the end of b starts a, and that is all
    expect([(await runsOf(a)).length, (await runsOf(b)).length]).toEqual([2, 2]);
    const last = (await listEvents(tenant.ctx, { limit: 1 })).items[0];
    const { leftOut, depth } = await getEvent(tenant.ctx, { id: last?.id ?? '' });
    expect([slugs(leftOut), depth]).toEqual([['a', 'b'], 2]);
    expect(leftOut[0]?.reason).toContain('led to the event');
    await stop();
  });

  it('start nothing any more when more than ten events led to them, and say so', async () => {
    const tenant = await makeTenant();
    await listening(tenant, 'watching', 'run.*');
    const elsewhere = await listening(tenant, 'elsewhere', 'nothing.*');
    const stop = dispatcher();
    const [ten, eleven] = [uuid(), uuid()];
    for (const [id, depth] of [
      [ten, 10],
      [eleven, 11],
    ] as const) {
      await database.sql(`INSERT INTO event (organization_id, id, type, data, source, depth) VALUES ($1, $2, 'run.failed', '{}', 'run', $3)`, [
        tenant.organizationId,
        id,
        depth,
      ]);
    }
    expect(await dispatched(tenant, ten)).toMatchObject({ runs: [{ workflow: { slug: 'watching' } }], stopped: null });
    expect(await dispatched(tenant, eleven)).toMatchObject({ runs: [], stopped: expect.stringContaining('loop') });
    // the depth of what a run tells is one more than that of the event which started it, through retries too
    const [started, retried] = [uuid(), uuid()];
    const insert = `INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, started_by, parent_run_id, input) VALUES ($1, $2, $3, $3, 'event', $4, $5, '{}')`;
    await database.sql(insert, [tenant.organizationId, started, elsewhere, `event:${ten}`, null]);
    await database.sql(insert, [tenant.organizationId, retried, elsewhere, 'somebody', started]);
    expect(await dispatched(tenant, await happened(tenant, 'run.failed', {}, retried))).toMatchObject({ depth: 11, stopped: expect.any(String) });
    await stop();
  });

  it('that cannot be dispatched fail alone and are put aside', async () => {
    const tenant = await makeTenant();
    await listening(tenant, 'refused', { pattern: 'run.failed', filter: 'event.data.bad' }, { settings: { priority: 99 } });
    const id = await listening(tenant, 'fine', 'run.*');
    const bad = await happened(tenant, 'run.failed', { bad: true });
    const good = await happened(tenant, 'run.failed', { bad: false });
    const stop = dispatcher();
    expect(slugs((await dispatched(tenant, good)).runs)).toEqual(['fine']);
    const poke = async () => {
      await enginePool().query(`SELECT pg_notify('heddle_event', $1)`, [tenant.organizationId]);
      return (await getEvent(tenant.ctx, { id: bad })).stopped;
    };
    await expect.poll(poke, { timeout: 15_000 }).toContain('can be replayed');
    expect(await runsOf(id)).toHaveLength(1);
    await stop();
  });
});

describe('looking at events', () => {
  it('finds them by type, subject, text and time, page by page', async () => {
    const tenant = await makeTenant();
    const ids: Record<string, string> = {};
    for (const [type, subject, data] of [
      ['order.created', 'o-1', { note: 'Blue 100%' }],
      ['order.created.eu', 'o-2', { note: 'red' }],
      ['order.paid', 'o-1', 'x'.repeat(10_000)],
      ['invoice.sent', 'o-1', {}],
    ] as const)
      ids[type] = (await publishEvent(tenant.ctx, { type, subject, data })).id;
    const types = async (input: Parameters<typeof listEvents>[1]) => (await listEvents(tenant.ctx, input)).items.map((e) => e.type);
    expect(await types({})).toEqual(['invoice.sent', 'order.paid', 'order.created.eu', 'order.created']);
    expect(await types({ pattern: 'order.*' })).toEqual(['order.paid', 'order.created']);
    expect(await types({ pattern: 'order.**', order: 'oldest' })).toEqual(['order.created', 'order.created.eu', 'order.paid']);
    expect(await types({ pattern: '**', subject: 'o-1' })).toEqual(['invoice.sent', 'order.paid', 'order.created']);
    expect(await types({ pattern: 'none.*' })).toEqual([]);
    expect(await types({ text: 'bLUE 100%' })).toEqual(['order.created']);
    expect(await types({ text: '_' })).toEqual([]);
    expect(await types({ from: new Date(Date.now() + 60_000).toISOString() })).toEqual([]);
    expect(await types({ to: new Date(Date.now() + 60_000).toISOString(), limit: 1 })).toEqual(['invoice.sent']);
    const first = await listEvents(tenant.ctx, { pattern: 'order.**', limit: 2 });
    const second = await listEvents(tenant.ctx, { pattern: 'order.**', limit: 2, cursor: first.nextCursor });
    expect([first.items.length, second.items.map((e) => e.type), second.nextCursor]).toEqual([2, ['order.created'], null]);
    expect(first.items[0]).toMatchObject({ data: null, truncated: true });
    expect((await getEvent(tenant.ctx, { id: ids['order.paid'] ?? '' })).data).toHaveLength(10_000);
  });

  it('shows nothing of another organization', async () => {
    const [mine, theirs] = [await makeTenant(), await makeTenant()];
    const { id } = await publishEvent(theirs.ctx, { type: 'order.created' });
    await expect(getEvent(mine.ctx, { id })).rejects.toThrow('This event does not exist.');
    expect((await listEvents(mine.ctx)).items).toEqual([]);
    expect(await withTenant(mine.organizationId, (tx) => tx.event.findMany())).toEqual([]);
    const foreign = withTenant(
      mine.organizationId,
      (tx) => tx.$queryRaw`SELECT event_publish(${theirs.organizationId}::uuid, 'run.failed', NULL, '{}', NULL)::text`,
    );
    await expect(foreign).rejects.toThrow(/row-level security|42501/);
  });
});

it('forgets what an organization keeps no longer, but nothing that waits to be dispatched', async () => {
  const [tenant, other] = [await makeTenant(), await makeTenant()];
  for (const each of [tenant, other]) await publishEvent(each.ctx, { type: 'a.old' });
  const waits = await happened(tenant, 'run.failed');
  await database.sql(`UPDATE event SET id = '01900000-0000-7000-8000-000000000000' WHERE id = $1`, [waits]);
  const { id: newest } = await publishEvent(tenant.ctx, { type: 'a.new' });
  expect(await forgetEvents(enginePool(), tenant.organizationId, newest, new AbortController().signal)).toBe(1);
  expect((await listEvents(tenant.ctx)).items.map((e) => e.type)).toEqual(['a.new', 'run.failed']);
  expect((await listEvents(other.ctx)).items).toHaveLength(1);
});

describe('replay', () => {
  it('dispatches stored events again, to one workflow or to all that match now, in their order', async () => {
    const tenant = await makeTenant();
    const from = new Date(Date.now() - 60_000).toISOString();
    const sent: string[] = [];
    for (let n = 0; n < 5; n++) sent.push((await publishEvent(tenant.ctx, { type: n === 2 ? 'invoice.sent' : 'order.created', data: { n } })).id);
    const [late, other] = [await listening(tenant, 'late', 'order.*'), await listening(tenant, 'other', '**')];
    const stop = dispatcher();
    expect(await replayEvents(tenant.ctx, { from, pattern: 'order.**', dryRun: true })).toEqual({ events: 4, nextAfter: null });
    const first = await replayEvents(tenant.ctx, { from, pattern: 'order.**', workflowId: late, limit: 3 });
    expect(first).toEqual({ events: 3, nextAfter: sent[3] });
    await replayEvents(tenant.ctx, { from, pattern: 'order.**', workflowId: late, limit: 3, after: first.nextAfter ?? undefined });
    await expect.poll(async () => (await runsOf(late)).length, { timeout: 10_000 }).toBe(4);
    const inputs = (await runsOf(late)).map((run) => JSON.parse(run.input));
    expect(inputs.map(({ n, replayOf }) => [n, replayOf])).toEqual([0, 1, 3, 4].map((n) => [n, sent[n]]));
    expect(await runsOf(other)).toEqual([]);
    // replays themselves are not repeated
    expect((await replayEvents(tenant.ctx, { from })).events).toBe(5);
    await expect.poll(async () => [(await runsOf(late)).length, (await runsOf(other)).length], { timeout: 10_000 }).toEqual([8, 5]);
    const original = await getEvent(tenant.ctx, { id: sent[0] ?? '' });
    expect([original.runs, original.replays.length]).toEqual([[], 2]);
    const replay = await getEvent(tenant.ctx, { id: original.replays[0]?.id ?? '' });
    expect(replay).toMatchObject({ source: 'replay', replayOf: sent[0], publishedBy: tenant.userId });
    expect(slugs(replay.runs)).toEqual(['late', 'other']);
    const audited = await database.sql(`SELECT details FROM audit_event WHERE organization_id = $1 AND action = 'event.replay'`, [tenant.organizationId]);
    expect(audited).toHaveLength(3);
    await stop();
  });
});

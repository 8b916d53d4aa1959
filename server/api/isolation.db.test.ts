import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '@/server/api-keys';
import { createApprovals } from '@/server/approvals';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { type Transaction, withCapability, withTenant } from '@/server/db/transaction';
import { publishEvent } from '@/server/events';
import { inviteMember } from '@/server/organizations';
import { startRun } from '@/server/runs';
import { createWorkflow, deleteWorkflow } from '@/server/workflows';
import { appRouter } from './router';
import { type ApiContext, createCallerFactory, type ProcedureMeta } from './trpc';

interface Ids {
  workflow: string;
  deleted: string;
  run: string;
  project: string;
  user: string;
  apiKey: string;
  credential: string;
  invitation: string;
  approval: string;
  event: string;
  deadLetter: string;
}
const definition = (name: string) => ({ workflow: { name, title: 'Top secret', steps: [{ id: 'a' }] } });

/** For every procedure inside an organization the input that names things of another one; `null`: it names nothing, its answer is looked through. */
const inputs: Record<string, ((ids: Ids) => object) | null> = {
  'organizations.get': null,
  'organizations.members': null,
  'organizations.rename': null,
  'organizations.setRole': (i) => ({ userId: i.user, role: 'viewer' }),
  'organizations.removeMember': (i) => ({ userId: i.user }),
  'organizations.invitations': null,
  'organizations.inviteMember': null,
  'organizations.revokeInvitation': (i) => ({ id: i.invitation }),
  'projects.list': null,
  'projects.create': null,
  'workflows.list': (i) => ({ project: i.project }),
  'workflows.get': (i) => ({ id: i.workflow }),
  'workflows.create': (i) => ({ project: i.project, title: 'Mine' }),
  'workflows.saveDraft': (i) => ({ id: i.workflow, baseRevision: 1, definition: definition('mine') }),
  'workflows.publish': (i) => ({ id: i.workflow }),
  'workflows.delete': (i) => ({ id: i.workflow }),
  'workflows.restore': (i) => ({ id: i.deleted }),
  'workflows.versions': (i) => ({ id: i.workflow }),
  'workflows.validate': null,
  'workflows.exportAwl': (i) => ({ id: i.workflow }),
  'workflows.importAwl': (i) => ({ project: i.project, definition: definition('mine') }),
  'runs.start': (i) => ({ workflowId: i.workflow }),
  'runs.get': (i) => ({ runId: i.run }),
  'runs.cancel': (i) => ({ runId: i.run }),
  'runs.retry': (i) => ({ runId: i.run }),
  'runs.pause': (i) => ({ runId: i.run }),
  'runs.resume': (i) => ({ runId: i.run }),
  'runs.rerun': (i) => ({ runId: i.run, from: 'a' }),
  'runs.replay': (i) => ({ runId: i.run }),
  'runs.fork': (i) => ({ runId: i.run }),
  'runs.previewRerun': (i) => ({ runId: i.run }),
  'runs.cancelMany': null,
  'runs.retryMany': null,
  'circuits.list': null,
  'circuits.reset': () => ({ target: 'host:secretive.example.com' }),
  'circuits.trip': (i) => ({ target: `credential:${i.credential}` }),
  'runs.events': (i) => ({ runId: i.run }),
  'runs.list': null,
  'deadLetters.list': null,
  'deadLetters.count': null,
  'deadLetters.get': (i) => ({ id: i.deadLetter }),
  'deadLetters.retry': null,
  'deadLetters.discard': null,
  'runs.onList': null,
  'artifacts.list': (i) => ({ runId: i.run }),
  'retention.get': null,
  'retention.set': null,
  'signals.send': (i) => ({ runId: i.run, name: 'go' }),
  'signals.callbackUrl': (i) => ({ runId: i.run, path: 'a' }),
  'approvals.list': null,
  'approvals.count': null,
  'approvals.get': (i) => ({ id: i.approval }),
  'approvals.decide': (i) => ({ id: i.approval, decision: 'approved' }),
  'approvals.reassign': (i) => ({ id: i.approval, assignees: [{ role: 'owner' }] }),
  'events.list': null,
  'events.get': (i) => ({ id: i.event }),
  'events.publish': null,
  'events.replay': (i) => ({ from: '2020-01-01T00:00:00Z', workflowId: i.workflow }),
  'events.settings': null,
  'limits.get': null,
  'limits.setOrganization': null,
  'limits.setProject': (i) => ({ projectId: i.project, concurrency: 1 }),
  'events.configure': null,
  'apiKeys.list': null,
  'apiKeys.create': null,
  'apiKeys.revoke': (i) => ({ id: i.apiKey }),
  'credentials.list': null,
  'credentials.create': null,
  'credentials.delete': (i) => ({ id: i.credential }),
  'models.list': null,
  'audit.list': null,
};
/** filters by a foreign id find nothing, as by an absent one */
const filters: Record<string, ((ids: Ids) => object)[]> = {
  'runs.list': [(i) => ({ workflowId: i.workflow }), (i) => ({ projectId: i.project }), (i) => ({ cursor: i.run })],
  'deadLetters.list': [(i) => ({ cursor: i.deadLetter }), (i) => ({ workflowId: i.workflow }), (i) => ({ q: i.run }), () => ({ q: 'Secretive' })],
  'deadLetters.count': [(i) => ({ workflowId: i.workflow })],
  'deadLetters.retry': [(i) => ({ ids: [i.deadLetter] })],
  'deadLetters.discard': [(i) => ({ ids: [i.deadLetter] })],
  'approvals.list': [(i) => ({ scope: 'all', runId: i.run }), (i) => ({ scope: 'all', cursor: i.approval }), () => ({ scope: 'all', search: 'Secretive' })],
  'events.list': [(i) => ({ cursor: i.event }), () => ({ subject: 'Secretive' }), () => ({ pattern: 'secretive.**', text: 'Secretive' })],
  'runs.cancelMany': [(i) => ({ filter: { workflowId: i.workflow } })],
  'runs.retryMany': [(i) => ({ filter: { workflowId: i.workflow } })],
  'audit.list': [(i) => ({ targetId: i.workflow }), (i) => ({ actorId: i.user })],
};
/** what these need besides to be carried out */
const harmless: Record<string, object> = {
  'organizations.rename': { name: 'Mine' },
  'projects.create': { name: 'Mine too' },
  'retention.set': { runDays: 30 },
  'workflows.validate': { definition: definition('x') },
  'runs.cancelMany': { filter: {} },
  'runs.retryMany': { filter: {} },
  'apiKeys.create': { name: 'Mine' },
  'events.publish': { type: 'some.thing' },
  'deadLetters.retry': { filter: {} },
  'deadLetters.discard': { filter: {} },
  'events.configure': { keepRunEvents: false },
  'limits.setOrganization': { concurrency: 5 },
};

describe('nothing crosses an organization', () => {
  let database: TestDatabase;
  let mine: TestTenant;
  let theirs: Ids;
  let theirTenant: TestTenant;
  beforeAll(async () => {
    database = await testDatabase();
    mine = await makeTenant('Mine');
    theirTenant = await makeTenant('Secretive');
    const { ctx } = theirTenant;
    const workflow = (await createWorkflow(ctx, { definition: definition('top-secret') })).id;
    const { id: deleted } = await createWorkflow(ctx, { definition: definition('deleted') });
    const { runId: run } = await startRun(ctx, { workflowId: workflow });
    await deleteWorkflow(ctx, { id: deleted });
    const apiKey = (await createApiKey(ctx, { name: 'Secretive key' })).id;
    const invitation = (await inviteMember(ctx, { role: 'viewer', email: 'secretive@example.com' })).id;
    const asked = { runId: run, path: 'a', tryKey: '1', title: 'Secretive', message: '', data: null, assignees: [{ role: 'viewer' as const }] };
    const approval = (await createApprovals().open({ organizationId: theirTenant.organizationId, ...asked })).id;
    const event = (await publishEvent(ctx, { type: 'secretive.thing', subject: 'Secretive', data: 'Secretive' })).id;
    const deadLetter = uuid();
    await database.sql(
      `INSERT INTO dead_letter (organization_id, id, run_id, workflow_id, version_id, code, message, attempts, reason) VALUES ($1, $2, $3, $4, $2, 'x', 'Secretive', 3, 'exhausted')`,
      [theirTenant.organizationId, deadLetter, run, workflow],
    );
    theirs = {
      approval,
      deadLetter,
      event,
      invitation,
      workflow,
      deleted,
      run,
      apiKey,
      project: theirTenant.projectId,
      user: theirTenant.userId,
      credential: uuid(),
    };
    await database.sql(`INSERT INTO credential (organization_id, id, name, kind, hosts, sealed) VALUES ($1, $2, 'Secretive', 'bearer', '{}', '')`, [
      theirTenant.organizationId,
      theirs.credential,
    ]);
  });
  afterAll(() => database.close());

  /** The whole answer, or the whole error, as the page would get it. */
  async function answer(path: string, input: object): Promise<string> {
    const { actor } = mine.ctx;
    const user = { id: actor.id, name: actor.name, email: '', sessionId: 'sessionId' in actor ? actor.sessionId : '' };
    const ctx: ApiContext = { session: async () => user, recheckSession: async () => user, address: '' };
    const caller = createCallerFactory(appRouter)(ctx);
    const procedure = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], caller) as (input: unknown) => Promise<unknown>;
    try {
      const result = await procedure({ org: mine.organizationSlug, ...input });
      if (!result || typeof result !== 'object' || !(Symbol.asyncIterator in result)) return JSON.stringify(result);
      const stream = (result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      const first = await stream.next();
      await stream.return?.();
      return JSON.stringify(first);
    } catch (error) {
      const { code, message, cause } = error as { code?: string; message: string; cause?: { details?: unknown } };
      return JSON.stringify({ code, message, details: cause?.details });
    }
  }
  const absent = (): Ids => ({
    workflow: uuid(),
    deleted: uuid(),
    run: uuid(),
    project: uuid(),
    user: uuid(),
    apiKey: uuid(),
    credential: uuid(),
    invitation: uuid(),
    approval: uuid(),
    event: uuid(),
    deadLetter: uuid(),
  });
  const state = async () =>
    database.sql(
      `SELECT (SELECT json_agg(w ORDER BY id) FROM workflow w WHERE organization_id = $1)::text AS w, (SELECT json_agg(m ORDER BY user_id) FROM membership m WHERE organization_id = $1)::text AS m,
              (SELECT json_agg(k ORDER BY id) FROM api_key k WHERE organization_id = $1)::text AS k,
              (SELECT json_agg(v ORDER BY id) FROM invitation v WHERE organization_id = $1)::text AS v, (SELECT count(*) FROM run WHERE organization_id = $1) AS r,
              (SELECT count(*) FROM run_inbox WHERE organization_id = $1) AS i, (SELECT count(*) FROM audit_event WHERE organization_id = $1) AS a,
              (SELECT count(*) FROM credential WHERE organization_id = $1) AS c,
              (SELECT json_agg(d.status) FROM dead_letter d WHERE organization_id = $1)::text AS d`,
      [theirTenant.organizationId],
    );

  it('in the database: without a tenant no table shows a row, with one only its own', async () => {
    const tables = await database.sql<{ name: string }>(`
      SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND has_table_privilege('heddle_app', c.oid, 'SELECT')`);
    expect(tables.length).toBeGreaterThan(12);
    for (const { name } of tables) {
      const foreign = (tx: Transaction) =>
        tx.$queryRawUnsafe<object[]>(`SELECT 1 FROM "${name}" WHERE organization_id <> coalesce(current_organization(), gen_random_uuid())`);
      expect([name, await withCapability({}, foreign)]).toEqual([name, []]);
      expect([name, await withTenant(mine.organizationId, foreign)]).toEqual([name, []]);
    }
  });

  it('by any procedure: the table names them all', () => {
    const all = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { meta?: ProcedureMeta } }>)
      .filter(([, p]) => !['public', 'user'].includes(p._def.meta?.permission ?? ''))
      .map(([path]) => path);
    expect(Object.keys(inputs).sort()).toEqual(all.sort());
  });

  const naming = Object.entries(inputs).flatMap(([path, input]) => (input ? [{ path, input }] : []));
  it.each(naming)('$path answers a foreign id exactly as an absent one', async ({ path, input }) => {
    const before = await state();
    const foreign = await answer(path, input(theirs));
    expect(foreign).toContain('NOT_FOUND');
    expect(foreign).toBe(await answer(path, input(absent())));
    expect(await state()).toEqual(before);
  });

  const looking = Object.entries(inputs).flatMap(([path, input]) => (input ? [] : [{ path }]));
  it.each(looking)('$path shows nothing foreign', async ({ path }) => {
    const shown = await answer(path, harmless[path] ?? {});
    expect(shown).not.toMatch(/Secretive|Top secret/i);
    for (const id of [...Object.values(theirs), theirTenant.organizationId]) expect(shown).not.toContain(id);
    for (const filter of filters[path] ?? []) expect(await answer(path, filter(theirs))).toBe(await answer(path, filter(absent())));
  });
});

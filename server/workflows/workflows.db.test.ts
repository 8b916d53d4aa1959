import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { withTenant } from '@/server/db/transaction';
import { Conflict, Invalid } from '@/server/lib/errors';
import {
  createBlankWorkflow,
  createWorkflow,
  deleteWorkflow,
  exportWorkflow,
  getWorkflow,
  importWorkflow,
  listVersions,
  listWorkflows,
  publishWorkflow,
  restoreWorkflow,
  saveDraft,
  updateWorkflow,
  validateDefinition,
} from './index';

/** the mission's own sample */
const sample = `
workflow:
  name: data-pipeline
  steps:
    - {id: fetch, agent: analyst, timeout: 30s, retry: 3}
    - {id: validate, depends_on: [fetch], condition: "data.valid == true"}
`;
const hooked = (extra = '') => `workflow:\n  name: hooked\n  title: Hooked\n  triggers: [{webhook: {method: POST}}${extra}]\n  steps: [{id: a}]\n`;

describe('workflows', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  const auditActions = async () =>
    (await database.sql<{ action: string }>('SELECT action FROM audit_event WHERE organization_id = $1 ORDER BY id', [tenant.organizationId])).map(
      (a) => a.action,
    );
  beforeAll(async () => {
    database = await testDatabase();
  });
  beforeEach(async () => {
    tenant = await makeTenant();
  });
  afterAll(() => database.close());

  it('are made from the sample, exported, and applying what was exported changes nothing', async () => {
    const { ctx } = tenant;
    const made = await createWorkflow(ctx, { definition: sample });
    expect(made).toMatchObject({ slug: 'data-pipeline', version: 1 });
    const { awl, document } = await exportWorkflow(ctx, { id: made.id });
    for (const definition of [awl, document, sample]) {
      expect(await updateWorkflow(ctx, { id: made.id, definition })).toMatchObject({ version: 1, changed: false });
    }
    expect(await auditActions()).toEqual(['workflow.create', 'workflow.publish']);
    await expect(createWorkflow(ctx, { definition: sample })).rejects.toThrow(Conflict);
  });

  it('refuse an invalid definition with the places, and write nothing', async () => {
    const { ctx } = tenant;
    for (const [definition, place] of [
      ['workflow:\n  name: x\n  steps: [{id: a, uses: nonsense}]', /nonsense/],
      ['workflow:\n  name: x\n  steps: [{id: a, depends_on: [b]}, {id: b, depends_on: [a]}]', /a.*b/],
      ['workflow: [', /./],
      [{ workflow: { name: 'x', steps: [{ id: 'a', uses: 'log', with: { message: 'half \ud800' } }] } }, /not text/],
    ] as const) {
      const refused = createWorkflow(ctx, { definition: definition as never });
      await expect(refused).rejects.toThrow(Invalid);
      await expect(refused).rejects.toThrow(place);
      await refused.catch((e: Invalid) => {
        expect(e.problems.length).toBeGreaterThan(0);
      });
      expect((await validateDefinition(ctx, { definition: definition as never })).ok).toBe(false);
    }
    expect((await listWorkflows(ctx)).items).toEqual([]);
    expect(await auditActions()).toEqual([]);
  });

  it("save drafts that need not make sense yet, and never over somebody else's", async () => {
    const { ctx } = tenant;
    const { id } = await createBlankWorkflow(ctx, { title: 'My first' });
    const draft = (uses: string) => ({ workflow: { name: 'my-first', title: 'Renamed', steps: [{ id: 'a', uses }] } });
    const first = await saveDraft(ctx, { id, baseRevision: 1, definition: draft('nonsense') });
    expect(first.revision).toBe(2);
    expect(first.problems[0]).toMatchObject({ step: 'a', severity: 'error' });
    const stale = saveDraft(tenant.contextAs('editor'), { id, baseRevision: 1, definition: draft('pass') });
    await expect(stale).rejects.toThrow(Conflict);
    await stale.catch((e: Conflict) => {
      expect(e.details).toEqual({ revision: 2 });
    });
    await expect(publishWorkflow(ctx, { id })).rejects.toThrow(Invalid);
    await expect(saveDraft(ctx, { id, baseRevision: 2, definition: { nothing: 'like AWL' } })).rejects.toThrow(Invalid);
    const races = await Promise.allSettled(Array.from({ length: 5 }, () => saveDraft(ctx, { id, baseRevision: 2, definition: draft('pass') })));
    expect(races.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    expect(await getWorkflow(ctx, { id })).toMatchObject({ title: 'Renamed', version: null, draft: { revision: 3, problems: [], changed: true } });
    expect((await auditActions()).filter((a) => a === 'workflow.update')).toHaveLength(1);
  });

  it('publish immutable versions with triggers whose addresses stay', async () => {
    const { ctx } = tenant;
    const { id } = await createWorkflow(ctx, { definition: hooked() });
    const url = (await getWorkflow(ctx, { id })).triggers[0]?.url;
    expect(url).toMatch(/^http.*\/hooks\/[\w-]{43}$/);
    expect(await publishWorkflow(ctx, { id })).toMatchObject({ version: 1, changed: false });
    await updateWorkflow(ctx, { id, definition: hooked(', {schedule: {cron: "0 9 * * *"}}') });
    const after = await getWorkflow(ctx, { id });
    expect(after.triggers.map((t) => [t.type, t.url])).toEqual([
      ['webhook', url],
      ['schedule', undefined],
    ]);
    expect(after.triggers[1]?.nextAt).toBeTruthy();
    expect(after.draft.changed).toBe(false);
    expect(await updateWorkflow(ctx, { id, definition: hooked() })).toMatchObject({ version: 1, changed: true });
    expect((await listVersions(ctx, { id })).items.map((v) => [v.number, v.current, v.createdBy?.name])).toEqual([
      [2, false, 'Test owner'],
      [1, true, 'Test owner'],
    ]);
    const rewrite = withTenant(tenant.organizationId, (tx) => tx.workflowVersion.updateMany({ data: { hash: 'forged' } }));
    await expect(rewrite).rejects.toThrow(/permission denied|42501/);
  });

  it('publish once when asked twice at once', async () => {
    const { ctx } = tenant;
    const { id } = await createBlankWorkflow(ctx);
    await saveDraft(ctx, { id, baseRevision: 1, definition: { workflow: { name: 'untitled-workflow', steps: [{ id: 'a' }] } } });
    const results = await Promise.all(Array.from({ length: 4 }, () => publishWorkflow(ctx, { id })));
    expect(results.map((r) => r.version)).toEqual([1, 1, 1, 1]);
    expect(results.filter((r) => r.changed)).toHaveLength(1);
  });

  it('come back after deletion, unless the name was taken', async () => {
    const { ctx } = tenant;
    const { id } = await createWorkflow(ctx, { definition: hooked() });
    const { url } = (await getWorkflow(ctx, { id })).triggers[0] ?? {};
    await deleteWorkflow(ctx, { id });
    await expect(getWorkflow(ctx, { id })).rejects.toThrow('This workflow does not exist.');
    expect((await listWorkflows(ctx)).items).toEqual([]);
    const { id: usurper } = await createWorkflow(ctx, { definition: hooked() });
    await expect(restoreWorkflow(ctx, { id })).rejects.toThrow(Conflict);
    await deleteWorkflow(ctx, { id: usurper });
    expect(await restoreWorkflow(ctx, { id })).toEqual({ id, slug: 'hooked' });
    expect((await getWorkflow(ctx, { slug: 'hooked' })).triggers[0]?.url).toBe(url);
  });

  it('are imported as drafts: nothing is published, nothing is scheduled, a taken name gets a number', async () => {
    const { ctx } = tenant;
    const definition = hooked(', {schedule: {cron: "* * * * *"}}');
    expect((await importWorkflow(ctx, { definition })).slug).toBe('hooked');
    const second = await importWorkflow(ctx, { definition });
    expect(second.slug).toBe('hooked-2');
    expect(await getWorkflow(ctx, { id: second.id })).toMatchObject({ version: null, triggers: [], draft: { document: { workflow: { name: 'hooked-2' } } } });
    expect(await database.sql('SELECT FROM trigger WHERE organization_id = $1', [tenant.organizationId])).toEqual([]);
  });

  it('list by page, text and project, the latest changed first', async () => {
    const { ctx } = tenant;
    for (const title of ['Alpha', 'Beta', 'Gamma', 'Alphabet']) await createBlankWorkflow(ctx, { title });
    const first = await listWorkflows(ctx, { limit: 3 });
    const second = await listWorkflows(ctx, { limit: 3, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map((w) => w.title)).toEqual(['Alphabet', 'Gamma', 'Beta', 'Alpha']);
    expect(second.nextCursor).toBeNull();
    expect((await listWorkflows(ctx, { text: 'alpha' })).items).toHaveLength(2);
    await expect(listWorkflows(ctx, { project: 'absent' })).rejects.toThrow('This project does not exist.');
    await expect(listWorkflows(ctx, { cursor: 'nonsense' })).rejects.toThrow(Invalid);
  });
});

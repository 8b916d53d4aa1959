import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalService } from '@/core/node/executor';
import type { Role } from '@/core/permissions';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { Conflict, Forbidden, Invalid, NotFound } from '@/server/lib/errors';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { startRun } from '@/server/runs';
import { createWorkflow } from '@/server/workflows';
import { countApprovals, createApprovals, decideApproval, getApproval, listApprovals, reassignApproval } from './index';
import { cancelOrphans, sweepApprovals } from './sweep-approvals';

type Request = Parameters<ApprovalService['open']>[0];
let database: TestDatabase;
let tenant: TestTenant;
let runId: string;
const form = { type: 'object', properties: { amount: { type: 'number', maximum: 100 }, why: { type: 'string' } }, required: ['amount'] };

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant('Asking');
  const { id } = await createWorkflow(tenant.ctx, { definition: { workflow: { name: 'refunds', title: 'Refunds', steps: [{ id: 'a' }] } } });
  runId = (await startRun(tenant.ctx, { workflowId: id, source: 'draft' })).runId;
});
afterAll(async () => {
  await closeEnginePool();
  await database.close();
});

let asked = 0;
async function ask(changes: Partial<Request> = {}): Promise<string> {
  const request = { organizationId: tenant.organizationId, runId, path: `ask[${asked++}]`, tryKey: '1', title: 'Refund?', message: '', data: { n: 1 } };
  return (await createApprovals().open({ ...request, assignees: [{ role: 'operator' }], ...changes })).id;
}
const emailOf = async (role: Role) =>
  (await database.sql<{ email: string }>('SELECT email FROM user_account WHERE id = $1', [tenant.contextAs(role).actor.id]))[0]?.email ?? '';
const mailOf = async (id: string) =>
  (await database.sql<{ kind: string; payload: string }>('SELECT kind, payload FROM run_inbox WHERE id = $1', [id])).map(({ kind, payload }) => ({
    kind,
    payload: JSON.parse(payload),
  }));
const pathOf = async (id: string) => (await getApproval(tenant.ctx, { id })).path;
/** puts times of an approval into the past, as if they had come */
const makeDue = (id: string, ...columns: string[]) =>
  database.sql(`UPDATE approval SET ${columns.map((c) => `${c} = now() - interval '1 s'`).join(', ')}, due_at = now() - interval '1 s' WHERE id = $1`, [id]);
const listenTo = (types: string[]) =>
  database.sql(`INSERT INTO event_interest (organization_id, type, source) SELECT $1, t, 'keep' FROM unnest($2::text[]) t ON CONFLICT DO NOTHING`, [
    tenant.organizationId,
    types,
  ]);
const newsOf = async (id: string) =>
  (await database.sql<{ type: string; data: string }>('SELECT type, data FROM event WHERE subject = $1 ORDER BY type', [id])).map((e) => [
    e.type,
    JSON.parse(e.data),
  ]);

describe('an approval', () => {
  it('is asked once for each try of a step, and keeps its first deadline', async () => {
    const deadline = Date.now() + 60_000;
    const at = { path: 'once', deadline, expiry: { port: 'rejected' } };
    const open = (changes: Partial<Request> = {}) =>
      createApprovals().open({
        organizationId: tenant.organizationId,
        runId,
        tryKey: '1',
        title: 'Go?',
        message: '',
        data: null,
        assignees: [{ role: 'admin' }],
        ...at,
        ...changes,
      });
    const [one, two] = await Promise.all([open(), open()]);
    expect(one.id).toBe(two.id);
    expect(await open({ deadline: deadline + 5_000 })).toEqual({ id: one.id, deadline, unknown: [] });
    expect((await open({ tryKey: '2' })).id).not.toBe(one.id);
  });

  it('says whom it does not know, and takes any text', async () => {
    const { unknown, id } = await createApprovals().open({
      organizationId: tenant.organizationId,
      runId,
      path: 'odd',
      tryKey: '1',
      title: 'nul \0 and \ud800 alone',
      message: '',
      data: { text: 'nul \0 and \ud800' },
      assignees: [{ user: 'nobody@example.com' }, { user: (await emailOf('viewer')).toUpperCase() }],
    });
    expect(unknown).toEqual(['nobody@example.com']);
    expect(await getApproval(tenant.ctx, { id })).toMatchObject({ title: 'nul  and \ufffd alone', data: { text: 'nul \0 and \ud800' } });
  });

  it('is listed for whom it asks, by name and by role, and counted', async () => {
    const byRole = await ask({ assignees: [{ role: 'admin' }], title: 'Very 100% special' });
    const byName = await ask({ assignees: [{ user: await emailOf('viewer') }], message: 'for the special viewer' });
    const mine = async (role: Role) => (await listApprovals(tenant.contextAs(role), { search: 'special' })).items.map(({ id }) => id);
    expect([await mine('owner'), await mine('admin'), await mine('editor'), await mine('viewer')]).toEqual([[byRole], [byRole], [], [byName]]);
    expect((await listApprovals(tenant.contextAs('editor'), { scope: 'all', search: '100% SPECIAL' })).items).toMatchObject([
      { id: byRole, mine: false, workflow: { title: 'Refunds' }, status: 'open' },
    ]);
    expect((await listApprovals(tenant.ctx, { scope: 'all', search: 'refunds', runId })).items.length).toBeGreaterThan(1);
    const before = (await countApprovals(tenant.contextAs('viewer'))).mine;
    await decideApproval(tenant.contextAs('viewer'), { id: byName, decision: 'rejected' });
    expect((await countApprovals(tenant.contextAs('viewer'))).mine).toBe(before - 1);
    expect((await listApprovals(tenant.contextAs('viewer'), { status: 'decided' })).items[0]).toMatchObject({ id: byName, decidedBy: 'Asking viewer' });
    const first = await listApprovals(tenant.ctx, { scope: 'all', limit: 1 });
    const second = await listApprovals(tenant.ctx, { scope: 'all', limit: 1, cursor: first.nextCursor });
    expect((second.items[0]?.id ?? 'z') < (first.items[0]?.id ?? '')).toBe(true);
  });

  it('lets whom it asks decide, and owners and admins, and nobody else', async () => {
    const id = await ask({ assignees: [{ user: await emailOf('viewer') }] });
    for (const role of ['editor', 'operator'] as const) {
      await expect(decideApproval(tenant.contextAs(role), { id, decision: 'approved' })).rejects.toThrow(Forbidden);
      expect((await getApproval(tenant.contextAs(role), { id })).whyNot).toContain('asks others');
    }
    const other = await makeTenant('Other');
    await expect(decideApproval(other.ctx, { id, decision: 'approved' })).rejects.toThrow(NotFound);
    for (const role of ['owner', 'admin', 'viewer'] as const) expect((await getApproval(tenant.contextAs(role), { id })).whyNot).toBeNull();
    expect(await mailOf(id)).toEqual([]);
    await decideApproval(tenant.contextAs('viewer'), { id, decision: 'approved' });
  });

  it('sends the decision to the run, with who, when, why and the form', async () => {
    await listenTo(['approval.requested', 'approval.decided']);
    const id = await ask({ form });
    await expect(decideApproval(tenant.ctx, { id, decision: 'approved', values: { amount: 500 } })).rejects.toThrow(/values\.amount/);
    await expect(decideApproval(tenant.ctx, { id, decision: 'approved' })).rejects.toThrow(Invalid);
    const ctx = tenant.contextAs('operator');
    const { decidedAt } = await decideApproval(ctx, { id, decision: 'approved', comment: ' Fine \0', values: { amount: 50 } });
    const by = { type: 'user', id: ctx.actor.id, name: 'Asking operator', email: await emailOf('operator') };
    const output = { decision: 'approved', by, at: decidedAt, comment: 'Fine ', values: { amount: 50 } };
    expect(await mailOf(id)).toEqual([
      { kind: 'signal', payload: { name: `$approval/${await pathOf(id)}`, data: output, port: 'approved', by: 'Asking operator' } },
    ]);
    expect(await getApproval(tenant.ctx, { id })).toMatchObject({ status: 'approved', decision: { by: { name: 'Asking operator' }, values: { amount: 50 } } });
    expect(await newsOf(id)).toEqual([
      ['approval.decided', expect.objectContaining({ decision: 'approved', comment: 'Fine ' })],
      ['approval.requested', expect.objectContaining({ approval: id, assignees: [{ role: 'operator' }] })],
    ]);
    const [entry] = await database.sql(`SELECT actor_name, details FROM audit_event WHERE action = 'approval.decide' AND target_id = $1`, [id]);
    expect(entry).toMatchObject({ actor_name: 'Asking operator', details: { decision: 'approved' } });
  });

  it('asks for nothing when it is rejected, but for what fits', async () => {
    await decideApproval(tenant.ctx, { id: await ask({ form }), decision: 'rejected' });
    await expect(decideApproval(tenant.ctx, { id: await ask({ form }), decision: 'rejected', values: { amount: 'x' } })).rejects.toThrow(Invalid);
    await expect(decideApproval(tenant.ctx, { id: await ask(), decision: 'approved', values: { amount: 1 } })).rejects.toThrow(Invalid);
  });

  it('is decided once, however many decide at the same time', async () => {
    const id = await ask();
    const decisions = (['owner', 'admin', 'operator', 'editor'] as const).map((role, i) =>
      decideApproval(tenant.contextAs(role), { id, decision: i % 2 ? 'rejected' : 'approved' }),
    );
    const results = await Promise.allSettled(decisions);
    const won = results.filter((r) => r.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const r of results) if (r.status === 'rejected') expect(r.reason).toBeInstanceOf(Conflict);
    expect(await mailOf(id)).toHaveLength(1);
    const [row] = await database.sql<{ n: string }>(`SELECT count(*) AS n FROM audit_event WHERE action = 'approval.decide' AND target_id = $1`, [id]);
    expect(row?.n).toBe('1');
  });

  it('can be handed on to other members', async () => {
    const id = await ask({ assignees: [{ user: await emailOf('operator') }] });
    await expect(reassignApproval(tenant.contextAs('editor'), { id, assignees: [{ role: 'editor' }] })).rejects.toThrow(Forbidden);
    await expect(reassignApproval(tenant.ctx, { id, assignees: [{ user: 'nobody@example.com' }] })).rejects.toThrow('no member');
    await reassignApproval(tenant.contextAs('operator'), { id, assignees: [{ role: 'editor' }] });
    await expect(decideApproval(tenant.contextAs('operator'), { id, decision: 'approved' })).rejects.toThrow(Forbidden);
    await decideApproval(tenant.contextAs('editor'), { id, decision: 'approved' });
    await expect(reassignApproval(tenant.ctx, { id, assignees: [{ role: 'editor' }] })).rejects.toThrow(Conflict);
  });
});

describe('time', () => {
  const expiry = { port: 'rejected', output: { decision: 'rejected', by: null } };

  it('decides at the deadline, once, and nobody after it', async () => {
    await listenTo(['approval.expired']);
    const id = await ask({ deadline: Date.now() + 3_600_000, expiry });
    await sweepApprovals();
    expect((await getApproval(tenant.ctx, { id })).status).toBe('open');
    await makeDue(id, 'deadline');
    await expect(decideApproval(tenant.ctx, { id, decision: 'approved' })).rejects.toThrow('deadline has passed');
    await Promise.all([sweepApprovals(), sweepApprovals()]);
    await sweepApprovals();
    expect(await getApproval(tenant.ctx, { id })).toMatchObject({ status: 'expired', atDeadline: 'rejected', decision: { by: null } });
    expect(await mailOf(id)).toEqual([{ kind: 'signal', payload: { name: `$approval/${await pathOf(id)}`, data: expiry.output, port: 'rejected' } }]);
    expect(await newsOf(id)).toContainEqual(['approval.expired', expect.objectContaining({ outcome: 'rejected' })]);
    expect((await newsOf(id)).map(([type]) => type)).toEqual(['approval.expired', 'approval.requested']);
    await expect(decideApproval(tenant.ctx, { id, decision: 'approved' })).rejects.toThrow('deadline has passed');
  });

  it('fails the step at the deadline when it shall', async () => {
    const error = { code: 'approval_expired', message: 'Nobody decided.' };
    const id = await ask({ deadline: Date.now() + 3_600_000, expiry: { error } });
    await makeDue(id, 'deadline');
    await sweepApprovals();
    expect((await mailOf(id))[0]?.payload).toMatchObject({ error, data: null });
  });

  it('reminds and escalates, each once', async () => {
    await listenTo(['approval.reminder', 'approval.escalated']);
    const id = await ask({ remindEvery: 3_600_000, escalation: { at: Date.now() + 3_600_000, to: [{ role: 'editor' }] } });
    await expect(decideApproval(tenant.contextAs('viewer'), { id, decision: 'approved' })).rejects.toThrow(Forbidden);
    await database.sql(`UPDATE approval SET remind_at = now() - interval '150 min', escalate_at = now(), due_at = now() WHERE id = $1`, [id]);
    await Promise.all([sweepApprovals(), sweepApprovals()]);
    await sweepApprovals();
    const detail = await getApproval(tenant.ctx, { id });
    expect(detail).toMatchObject({ status: 'open', reminders: 1, escalateAt: null, escalatedAt: expect.any(String) });
    expect(detail.assignees).toEqual([
      { role: 'editor', added: 'escalated' },
      { role: 'operator', added: 'asked' },
    ]);
    expect((await newsOf(id)).map(([type]) => type)).toEqual(['approval.escalated', 'approval.reminder', 'approval.requested']);
    const [row] = await database.sql<{ minutes: number }>('SELECT round(extract(epoch FROM due_at - now()) / 60)::int AS minutes FROM approval WHERE id = $1', [
      id,
    ]);
    expect(row?.minutes).toBe(30);
  });

  it('closes what belongs to a run that has ended', async () => {
    const gone = await ask();
    await database.sql(`UPDATE run SET status = 'cancelled' WHERE id = $1`, [runId]);
    expect((await getApproval(tenant.ctx, { id: gone })).status).toBe('cancelled');
    await expect(decideApproval(tenant.ctx, { id: gone, decision: 'approved' })).rejects.toThrow('has ended (cancelled)');
    const due = await ask({ deadline: Date.now() + 1, expiry });
    await makeDue(due, 'deadline');
    await sweepApprovals();
    await cancelOrphans();
    const statuses = await database.sql('SELECT status FROM approval WHERE id = ANY($1) ORDER BY id', [[gone, due]]);
    expect(statuses).toEqual([{ status: 'cancelled' }, { status: 'cancelled' }]);
    expect([...(await mailOf(gone)), ...(await mailOf(due))]).toEqual([]);
    await expect(decideApproval(tenant.ctx, { id: gone, decision: 'approved' })).rejects.toThrow(Conflict);
    await expect(getApproval(tenant.ctx, { id: uuid() })).rejects.toThrow(NotFound);
  });
});

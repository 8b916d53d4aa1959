import { describe, expect, it } from 'vitest';
import { portsOf } from '@/core/node/definition';
import type { ApprovalService } from '@/core/node/executor';
import { testFaults, testStep } from '../test-step';
import { readAssignees } from './assignees';
import approval from './definition';

type Request = Parameters<ApprovalService['open']>[0];
const day = 86_400_000;

/** Asks with these settings and returns what the service was asked, and the wait. */
async function ask(config: Record<string, unknown>, known: { deadline?: number; unknown?: string[] } = {}) {
  const requests: Request[] = [];
  const approvals: ApprovalService = {
    open: async (request) => {
      requests.push(request);
      return { id: 'A', unknown: [], ...(request.deadline === undefined ? {} : { deadline: request.deadline }), ...known };
    },
  };
  const { result, logs } = await testStep('approval', { title: 'Go?', assignees: 'admin', ...config }, { data: { n: 1 }, services: { approvals } });
  return { request: requests[0] as Request, wait: 'wait' in result ? result.wait : undefined, logs };
}

describe('an approval', () => {
  it('asks people, with what came in, and waits for the decision', async () => {
    const { request, wait } = await ask({ assignees: 'Ann@Example.com, operators' });
    const assignees = [{ user: 'ann@example.com' }, { role: 'operator' }];
    expect(request).toEqual({ organizationId: 'org', runId: 'run', path: 'step', tryKey: '1', title: 'Go?', message: '', data: { n: 1 }, assignees });
    expect(wait).toEqual({ kind: 'approval', signal: '$approval/step', details: { approval: 'A', title: 'Go?' } });
    expect((await ask({ data: 5 })).request.data).toBe(5);
  });
  it('hands reminders, escalation and form on', async () => {
    const form = { type: 'object', properties: { amount: { type: 'number' } } };
    const { request } = await ask({ form, remind_every: '1s', escalate_after: '1d', escalate_to: [{ role: 'owner' }] });
    expect(request).toMatchObject({ form, remindEvery: 60_000, escalation: { at: 1_000_000 + day, to: [{ role: 'owner' }] } });
  });
  it('ends at its deadline as it is told to, a moment after the last decision may have come', async () => {
    const ends = async (on_deadline?: string) => (await ask({ deadline: '1d', ...(on_deadline ? { on_deadline } : {}) })).wait;
    const at = new Date(1_000_000 + day).toISOString();
    const output = { by: null, at, comment: 'Nobody decided in time.', values: {} };
    expect(await ends()).toMatchObject({ until: 1_002_000 + day, expiry: { port: 'rejected', output: { decision: 'rejected', ...output } } });
    expect(await ends('approve')).toMatchObject({ expiry: { port: 'approved', output: { decision: 'approved', ...output } } });
    expect(await ends('expired')).toMatchObject({ expiry: { port: 'expired', output: { decision: 'expired', ...output } } });
    expect(await ends('fail')).toMatchObject({ expiry: { error: { code: 'approval_expired' } } });
    expect((await ask({ deadline: '1d' })).request).toMatchObject({ deadline: 1_000_000 + day, expiry: { port: 'rejected' } });
  });
  it('keeps the deadline of when it was asked first', async () => {
    expect((await ask({ deadline: '1d' }, { deadline: 5_000_000 })).wait).toMatchObject({ until: 5_002_000 });
  });
  it('says whom it does not know', async () => {
    expect((await ask({}, { unknown: ['eve@example.com'] })).logs).toEqual([expect.stringContaining('eve@example.com is no member')]);
  });
  it('has an exit for the deadline when it is wanted', () => {
    expect(portsOf(approval, {}).map(({ id }) => id)).toEqual(['approved', 'rejected']);
    expect(portsOf(approval, { on_deadline: 'expired' }).map(({ id }) => id)).toEqual(['approved', 'rejected', 'expired']);
  });
  it('refuses settings that ask nobody or nothing', () => {
    const faults = (config: object) => testFaults('approval', { title: 'Go?', assignees: 'admin', ...config });
    expect(faults({ title: ' ' })).toEqual(['title']);
    for (const assignees of ['', 'boss', 'ann@', [], ['admin', 'boss'], [{ user: 'ann' }], 5])
      expect(faults({ assignees }), JSON.stringify(assignees)).toContain('assignees');
    expect(faults({ escalate_after: '1d' })).toEqual(['escalate_to']);
    expect(faults({ form: { type: 'string' } })).toEqual(['form.type']);
    expect(faults({ form: { type: 'object', properties: { a: { type: 'nonsense' } } } })[0]).toContain('form.properties.a');
  });
});

it('reads people from texts and lists, each once', () => {
  const all = readAssignees(['admins; Ann@x.org', { user: 'ann@x.org' }, { role: 'owner' }, 'role: viewer']);
  expect(all).toEqual({ assignees: [{ role: 'admin' }, { user: 'ann@x.org' }, { role: 'owner' }, { role: 'viewer' }], faults: [] });
  expect(readAssignees('boss').faults[0]).toContain('owner, admin, editor, operator, viewer');
});

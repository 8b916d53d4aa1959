import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueSession, revokeSession } from '@/server/auth';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { closeNotifications } from '@/server/queue/notifications';
import { startRun } from '@/server/runs';
import { createWorkflow } from '@/server/workflows';
import { handleApiRequest } from './handle-request';

const base = 'http://localhost:3000/api/trpc';

describe('the API over HTTP', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let cookie: string;
  let sessionId: string;
  beforeAll(async () => {
    database = await testDatabase();
    tenant = await makeTenant();
    const session = await issueSession(tenant.userId);
    sessionId = session.sessionId;
    cookie = `other=1; ${session.cookie.name}=${session.cookie.value}`;
  });
  afterAll(async () => {
    await closeNotifications();
    await closeEnginePool();
    await database.close();
  });
  const get = (path: string, input: object, headers: Record<string, string> = { cookie }) =>
    handleApiRequest(new Request(`${base}/${path}?input=${encodeURIComponent(JSON.stringify(input))}`, { headers }));
  const post = (path: string, body: BodyInit, headers: Record<string, string>) =>
    handleApiRequest(new Request(`${base}/${path}`, { method: 'POST', body, headers }));
  const json = { 'content-type': 'application/json', origin: 'http://localhost:3000', host: 'localhost:3000' };

  it('answers a batch with each call for itself', async () => {
    const org = tenant.organizationSlug;
    const response = await get('session.me,projects.list,organizations.get&batch=1'.split('&')[0] ?? '', {}, { cookie });
    expect(response.status).toBe(404); // several names without batch=1 are no procedure
    const batch = await handleApiRequest(
      new Request(
        `${base}/session.me,projects.list,organizations.get?batch=1&input=${encodeURIComponent(JSON.stringify({ 1: { org }, 2: { org: 'absent' } }))}`,
        { headers: { cookie } },
      ),
    );
    expect(batch.status).toBe(207);
    expect(batch.headers.get('cache-control')).toBe('no-store');
    const [me, projects, absent] = (await batch.json()) as { result?: { data: unknown }; error?: object }[];
    expect(me?.result?.data).toMatchObject({ user: { id: tenant.userId }, organizations: [{ slug: org, role: 'owner' }] });
    expect(projects?.result?.data).toMatchObject([{ slug: 'default', workflows: 0 }]);
    expect(absent?.error).toEqual({
      message: 'This organization does not exist.',
      code: -32004,
      data: { code: 'NOT_FOUND', httpStatus: 404, path: 'organizations.get', reason: 'not_found' },
    });
  });

  it('takes changes as JSON from this site alone, and never over GET', async () => {
    const body = JSON.stringify({ org: tenant.organizationSlug, name: 'New' });
    const form = new FormData();
    form.set('org', tenant.organizationSlug);
    expect((await post('projects.create', form, { cookie, origin: json.origin, host: json.host })).status).toBe(415);
    expect((await post('projects.create', body, { cookie, 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('projects.create', body, { ...json, cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await post('projects.create', body, { ...json })).status).toBe(401);
    expect((await get('projects.create', { org: tenant.organizationSlug, name: 'New' })).status).toBe(405);
    expect(await database.sql(`SELECT FROM project WHERE slug = 'new'`)).toEqual([]);
    expect((await post('projects.create', body, { ...json, cookie })).status).toBe(200);
    const twice = await post('projects.create', body, { ...json, cookie });
    expect([twice.status, ((await twice.json()) as { error: { data: object } }).error.data]).toEqual([409, expect.objectContaining({ reason: 'conflict' })]);
  });

  it('bounds bodies without a length: little for strangers, a run input for people', async () => {
    const chunked = (path: string, bytes: number, headers: Record<string, string>) => {
      let sent = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (sent >= bytes) return controller.close();
          controller.enqueue(new TextEncoder().encode(' '.repeat(65_536)));
          sent += 65_536;
        },
      });
      const request = new Request(`${base}/${path}`, { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
      return handleApiRequest(request).then((response) => ({ status: response.status, sent }));
    };
    const stranger = await chunked('session.signUp', 50_000_000, json);
    expect(stranger.status).toBe(413);
    expect(stranger.sent).toBeLessThan(500_000);
    expect((await chunked('projects.create', 9_000_000, { ...json, cookie })).status).toBe(400); // read, and not JSON
    expect((await chunked('projects.create', 11_000_000, { ...json, cookie })).status).toBe(413);
  });

  it('streams a run and closes within 5 s when the session is revoked', async () => {
    const workflow = await createWorkflow(tenant.ctx, { definition: { workflow: { name: 'streamed', steps: [{ id: 'a' }] } } });
    const { runId } = await startRun(tenant.ctx, { workflowId: workflow.id });
    await database.sql(
      `INSERT INTO run_event (organization_id, run_id, seq, type, at, data) VALUES ($1, $2, 1, 'run.started', now(), '{}'), ($1, $2, 2, 'run.cancel_requested', now(), '{}')`,
      [tenant.organizationId, runId],
    );
    const response = await get('runs.events', { org: tenant.organizationSlug, runId, lastEventId: '1' });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const readTo = async (pattern: RegExp) => {
      for (;;) {
        if (pattern.test(text)) return true;
        const { value, done } = await reader.read();
        if (done) return pattern.test(text);
        text += value;
      }
    };
    expect(await readTo(/id: 2/)).toBe(true);
    expect(text).toContain('run.cancel_requested');
    expect(text).not.toContain('run.started');
    const began = Date.now();
    await revokeSession(tenant.userId, sessionId);
    expect(await readTo(/Sign in first/)).toBe(true);
    expect(Date.now() - began).toBeLessThan(5_000);
    await reader.cancel();
    expect((await get('projects.list', { org: tenant.organizationSlug })).status).toBe(401);
  }, 20_000);
});

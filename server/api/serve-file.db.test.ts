import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createArtifacts } from '@/server/artifacts';
import { issueSession } from '@/server/auth';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { startRun } from '@/server/runs';
import { createWorkflow } from '@/server/workflows';
import { serveFile } from './serve-file';

describe('a file of a run in the browser', () => {
  let database: TestDatabase;
  let mine: TestTenant;
  let folder: string;
  let runId: string;
  let fileId: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-files-'));
    database = await testDatabase({ HEDDLE_BLOBS: folder });
    mine = await makeTenant();
    const { id: workflowId } = await createWorkflow(mine.ctx, { definition: { workflow: { name: 'w', steps: [{ id: 'a' }] } } });
    runId = (await startRun(mine.ctx, { workflowId, source: 'draft' })).runId;
    const file = { name: 'page.html', contentType: 'text/html', content: Buffer.from('<script>alert(1)</script>') };
    fileId = (await createArtifacts().save({ organizationId: mine.organizationId, runId, path: 'a' }, file)).id;
  });
  afterAll(async () => {
    await closeEnginePool();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const session = async (tenant: TestTenant) => {
    const { cookie } = await issueSession(tenant.userId);
    return `${cookie.name}=${cookie.value}`;
  };
  const get = (cookie: string, names: object = {}, headers = {}) =>
    serveFile(new Request('http://localhost:3000/x', { headers: { cookie, ...headers } }), { org: mine.organizationSlug, runId, fileId, ...names });

  it('is saved, not shown, by a member who is signed in', async () => {
    const cookie = await session(mine);
    const answer = await get(cookie);
    expect([answer.status, await answer.text()]).toEqual([200, '<script>alert(1)</script>']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-disposition': expect.stringMatching(/^attachment; filename="page.html"/),
      'content-security-policy': expect.stringMatching(/^sandbox;/),
      'x-content-type-options': 'nosniff',
    });
    const part = await get(cookie, {}, { range: 'bytes=1-6' });
    expect([part.status, await part.text()]).toEqual([206, 'script']);
    expect((await get('')).status).toBe(401);
  });

  it('is absent to others, byte for byte', async () => {
    const other = await makeTenant();
    const cookie = await session(other);
    const answers = [];
    for (const names of [
      {},
      { org: 'no-such-organization' },
      { org: other.organizationSlug },
      { org: other.organizationSlug, fileId: uuid() },
      { org: other.organizationSlug, fileId: '../x' },
    ]) {
      const answer = await get(cookie, names);
      answers.push(`${answer.status} ${await answer.text()}`);
    }
    expect(new Set(answers)).toEqual(new Set(['404 This file does not exist.']));
  });
});

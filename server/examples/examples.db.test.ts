import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialHeaders } from '@/server/credentials';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { Worker } from '@/server/engine/worker';
import { createEgress, type Egress } from '@/server/lib/egress';
import { createSearch } from '@/server/lib/search/search';
import { createModelService } from '@/server/models';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { closeNotifications } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';
import { getRun, startRun } from '@/server/runs';
import { createSandbox, type Sandbox } from '@/server/sandbox';
import { createWorkflow } from '@/server/workflows';
import { exampleWorkflows } from '.';

let database: TestDatabase;
let tenant: TestTenant;
let pages: Server;
let egress: Egress;
let sandbox: Sandbox;
let worker: Worker;

beforeAll(async () => {
  // stands for Heddle's web process, which serves public/
  pages = createServer(async (req, res) => {
    const body = await readFile(join(import.meta.dirname, '../../public', req.url ?? '')).catch(() => undefined);
    res.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((done) => pages.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  database = await testDatabase({ NEXTAUTH_URL: origin });
  tenant = await makeTenant();
  egress = createEgress({ ownOrigin: origin, credentialHeaders });
  sandbox = createSandbox();
  worker = new Worker({
    services: { http: egress, models: createModelService({ http: egress }), sandbox, search: createSearch() },
    onLost: (error) => {
      throw error;
    },
  });
  await worker.start();
});
afterAll(async () => {
  await worker.stop();
  await Promise.all([sandbox.close(), egress.close()]);
  pages.closeAllConnections();
  pages.close();
  await closeNotifications();
  await closeEnginePool();
  await database.close();
});

async function run(slug: string, input?: object) {
  const awl = exampleWorkflows().find((w) => w.slug === slug)?.awl as string;
  const { ctx, organizationId } = tenant;
  const id = ids.get(slug) ?? (await createWorkflow(ctx, { definition: awl })).id;
  ids.set(slug, id);
  const { runId } = await startRun(ctx, { workflowId: id, input: input as never });
  expect(await waitForRun(organizationId, runId, 15_000)).toBe(true);
  const result = await getRun(ctx, { runId });
  expect(result.error ?? null).toBeNull();
  expect(result.status).toBe('succeeded');
  return result;
}
const ids = new Map<string, string>();

describe('the workflows every organization starts with', () => {
  it('writes a report with sources, on the topic that was asked for', async () => {
    const coffee = (await run('research-report')).output as { report: string; sources: unknown[]; simulated: boolean };
    expect(coffee.report).toMatch(/^# Coffee: a report\n\nSimulated answer/);
    expect(coffee.report).toMatch(/## Sources\n- .+, .+ \(The World Factbook, 2015\)/);
    expect(coffee.sources.length).toBeGreaterThan(8);
    expect(coffee.simulated).toBe(true);
    const fishing = (await run('research-report', { topic: 'fishing' })).output as { report: string };
    expect(fishing.report).toMatch(/^# Fishing/);
    expect(fishing.report).not.toContain('offee');
  });

  it('works out the earthquakes, and refuses what is no such data', async () => {
    const all = (await run('earthquake-pipeline')).output as {
      figures: { count: number; strongest: { magnitude: number }[] };
      regions: { name: string; count: number }[];
      summary: string;
    };
    expect(all.figures.count).toBe(297);
    expect(all.figures.strongest).toHaveLength(5);
    expect(all.regions[0]?.count).toBeGreaterThan(5);
    expect(all.summary).toMatch(/^Simulated answer/);
    const strong = (await run('earthquake-pipeline', { minimum: 5 })).output as { figures: { count: number } };
    expect(strong.figures.count).toBeLessThan(60);
  });

  it('writes a digest', async () => {
    const result = await run('daily-digest');
    expect(result.output).toMatchObject({ subject: expect.stringMatching(/^Digest of \d{4}-\d\d-\d\d: /), body: expect.stringContaining('Magnitude') });
    expect(result.steps.map((s) => s.status)).toEqual(Array(9).fill('succeeded'));
  });
});

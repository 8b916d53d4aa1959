import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll } from 'vitest';
import { type ExecutorServices, StepError } from '@/core/node/executor';
import { parseAwl, toAwlDocument } from '@/core/workflow/awl';
import type { Json } from '@/core/workflow/workflow';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { withTenant } from '@/server/db/transaction';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { type MailKind, sendToRun } from '@/server/queue/enqueue';
import { closeNotifications } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';
import { callWorkflow } from './call-workflow';
import { acceptRun, closeInline } from './inline';
import { readRunLog } from './run-log';
import { Worker } from './worker';

/** What a `code` step of a test does, by its source. */
export type Behaviour = (call: { organizationId: string; data: Json; signal: AbortSignal; count: number }) => Promise<Json> | Json;

/** Services whose sandbox runs the test's own functions in place of JavaScript; the rest refuses. `calls` counts executions by source. */
export function testServices(behaviours: Record<string, Behaviour> = {}): ExecutorServices & { calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const refuse = () => Promise.reject(new StepError('refused', 'not in this test', { retryable: false }));
  return {
    calls,
    http: { request: refuse },
    models: { generate: refuse },
    search: { search: refuse } as ExecutorServices['search'],
    sandbox: {
      async run(organizationId, { source, globals }, signal) {
        const count = (calls.get(source) ?? 0) + 1;
        calls.set(source, count);
        const behaviour = behaviours[source];
        if (!behaviour) throw new StepError('no_behaviour', `no behaviour "${source}"`, { retryable: false });
        return { value: await behaviour({ organizationId, data: globals.data ?? null, signal, count }), logs: [] };
      },
    },
  };
}

/** Stores a workflow with one version, as publishing would. */
export async function storeWorkflow(database: TestDatabase, tenant: TestTenant, awl: string): Promise<{ workflowId: string; versionId: string }> {
  const parsed = parseAwl(awl);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const workflowId = uuid();
  const versionId = uuid();
  const definition = JSON.stringify(toAwlDocument(parsed.workflow));
  await database.sql('INSERT INTO workflow (organization_id, id, project_id, slug, title, draft) VALUES ($1, $2, $3, $4, $4, $5)', [
    tenant.organizationId,
    workflowId,
    tenant.projectId,
    `${parsed.workflow.name}-${workflowId.slice(-6)}`,
    definition,
  ]);
  await database.sql(`INSERT INTO workflow_version (organization_id, id, workflow_id, number, definition, hash) VALUES ($1, $2, $3, 1, $4, 'x')`, [
    tenant.organizationId,
    versionId,
    workflowId,
    definition,
  ]);
  return { workflowId, versionId };
}

/** Queues a run of a stored workflow. */
export function queueRun(tenant: TestTenant, ids: { workflowId: string; versionId: string }, input: Json = {}): Promise<string> {
  return acceptRun({ organizationId: tenant.organizationId, ...ids, trigger: 'api', input });
}

/** A worker in this process. */
export async function startTestWorker(services: ExecutorServices, onLost: (error: Error) => void = () => {}, concurrency = 256): Promise<Worker> {
  const worker = new Worker({ services, onLost, concurrency });
  await worker.start();
  return worker;
}

/** What a suite about runs has: a database, a tenant, one worker whose `code` steps do what `behaviours` says by their source. */
export function engineSuite() {
  const behaviours: Record<string, Behaviour> = {};
  const services = { ...testServices(behaviours), runs: callWorkflow };
  const suite = { behaviours, services } as { behaviours: typeof behaviours; services: typeof services; database: TestDatabase; tenant: TestTenant };
  let worker: Worker;
  beforeAll(async () => {
    suite.database = await testDatabase();
    suite.tenant = await makeTenant();
    worker = await startTestWorker(services);
  });
  afterAll(async () => {
    await worker.stop(0);
    await closeInline();
    await closeNotifications();
    await closeEnginePool();
    await suite.database.close();
  });
  return { suite, ...runTester(() => suite) };
}

/** How a run ended, for tests. */
export interface EndedRun {
  status: string;
  output: Json;
  error: { code: string; message: string; step?: string; details?: { undone: string[]; notUndone: string[] } } | null;
}

/** What most tests of the engine do with runs: `steps` is the inside of a workflow in AWL. */
export function runTester(suite: () => { database: TestDatabase; tenant: TestTenant }) {
  const tenantId = () => suite().tenant.organizationId;
  const ended = async (runId: string, ms = 20_000): Promise<EndedRun> => {
    if (!(await waitForRun(tenantId(), runId, ms))) throw new Error(`run ${runId} did not end within ${ms} ms`);
    const [row] = await suite().database.sql<Record<string, string>>('SELECT status, output, error FROM run WHERE id = $1', [runId]);
    return { status: row?.status ?? '', output: row?.output ? JSON.parse(row.output) : null, error: row?.error ? JSON.parse(row.error) : null };
  };
  const start = async (steps: string, input: Json = {}) => {
    const { database, tenant } = suite();
    return queueRun(tenant, await storeWorkflow(database, tenant, `workflow: {name: test, ${steps}}`), input);
  };
  return {
    ended,
    start,
    run: async (steps: string, input: Json = {}) => ended(await start(steps, input)),
    /** what its log says, in short: `fetch step.succeeded` */
    log: async (runId: string) => (await readRunLog(tenantId(), runId)).map((e) => ('path' in e ? `${e.path} ${e.type}` : e.type)),
    mail: (runId: string, kind: MailKind, payload: Json = {}) => withTenant(tenantId(), (tx) => sendToRun(tx, tenantId(), runId, kind, payload)),
    status: async (runId: string) => (await suite().database.sql<{ status: string }>('SELECT status FROM run WHERE id = $1', [runId]))[0]?.status,
  };
}

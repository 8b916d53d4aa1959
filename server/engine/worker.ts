import type pg from 'pg';
import type { ExecutorServices } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { nodeExecutors } from '@/nodes/executors';
import { logger } from '@/server/lib/logger';
import { engineConnection, enginePool } from '@/server/queue/engine-pool';
import { Listener } from '@/server/queue/listener';
import { EngineClock } from './clock';
import { CommitLog } from './commit-log';
import type { EngineHost } from './engine-host';
import { toFailure } from './failure';
import { ownVariables } from './own-variables';
import { type Release, RunExecution } from './run-execution';
import { checkpointsToKeep, readRunLog } from './run-log';
import { runnableVersion } from './versions';

export interface WorkerOptions {
  services: ExecutorServices;
  /** runs in memory at once */
  concurrency?: number;
  /** the worker lost its lock or its log connection: its runs belong to others now. The process must exit. */
  onLost: (error: Error) => void;
}

/** A row of rq_cycle: a leased run. */
interface Lease {
  id: string;
  organization_id: string;
  run_id: string;
  fence: number;
  workflow_id: string;
  version_id: string;
  trigger: string;
  input: string;
  queued_ms: number;
  status: 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled';
  parent_run_id: string | null;
  retry_from: string | null;
  has_mail: boolean;
}

const LOCK_SPACE = 7701;
const TICK_MS = 200;
const SWEEP_EVERY = 5;

/** Takes runs from the queue and executes them. Liveness is a session advisory lock: when this process dies, PostgreSQL frees it and a peer takes over. */
export class Worker {
  private id = 0;
  private readonly queue: pg.Client;
  private readonly listener: Listener;
  private readonly host: EngineHost;
  private readonly running = new Map<string, { lease: Lease; execution?: RunExecution; cancelled?: boolean }>();
  private readonly byRun = new Map<string, string>();
  private doneIds: string[] = [];
  private doneFences: number[] = [];
  private parked: { id: string; fence: number; until: number }[] = [];
  private readonly activate = new Set<string>();
  private hinted = true;
  private stopping = false;
  private wake: () => void = () => {};
  private ticker: NodeJS.Timeout | undefined;
  private ticks = 0;
  private looped: Promise<void> | undefined;
  private readonly concurrency: number;
  /** for /metrics and the benchmarks */
  readonly counts = { started: 0, ended: 0, cycles: 0 };

  constructor(private readonly options: WorkerOptions) {
    this.concurrency = options.concurrency ?? 256;
    const lost = (error: Error) => {
      if (!this.stopping) options.onLost(error);
    };
    this.queue = engineConnection('worker', { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' });
    this.queue.on('error', lost);
    this.queue.on('end', () => lost(new Error('the queue connection ended')));
    this.host = { log: new CommitLog(lost), clock: new EngineClock(), executors: nodeExecutors as EngineHost['executors'], services: options.services };
    this.listener = new Listener(
      'worker listener',
      {
        heddle_queue: (organizationId) => {
          this.activate.add(organizationId);
          this.poke();
        },
        heddle_inbox: (payload) => void this.onMail(payload),
      },
      () => this.poke(),
    );
  }

  /** Connects, takes the lock and begins. */
  async start(): Promise<void> {
    await this.queue.connect();
    const { rows } = await this.queue.query<{ id: number }>('INSERT INTO queue_worker DEFAULT VALUES RETURNING id');
    this.id = rows[0]?.id ?? 0;
    await this.queue.query('SELECT pg_advisory_lock($1, $2)', [LOCK_SPACE, this.id]);
    await this.host.clock.synchronize(this.queue);
    await this.listener.start();
    // what became ready while nobody listened
    this.ticks = SWEEP_EVERY - 1;
    await this.tick();
    this.ticker = setInterval(() => void this.tick(), TICK_MS);
    this.looped = this.loop();
  }

  /** Stops fetching, gives what runs `graceMs` to end, then lets go of the rest; a peer or the next start goes on with it. */
  async stop(graceMs = 3_000): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    clearInterval(this.ticker);
    const deadline = Date.now() + graceMs;
    while (this.running.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const { execution } of this.running.values()) execution?.abandon();
    this.poke();
    await this.looped;
    await this.listener.close();
    await this.host.log.close().catch(() => {});
    await this.settle().catch(() => {});
    await this.queue.end().catch(() => {});
    await enginePool()
      .query('SELECT rq_reap(0)')
      .catch(() => {});
  }

  private poke(): void {
    this.hinted = true;
    this.wake();
  }

  private async loop(): Promise<void> {
    try {
      while (!this.stopping) {
        const free = this.concurrency - this.running.size;
        if (this.doneIds.length === 0 && this.parked.length === 0 && !(this.hinted && free > 0)) {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
          continue;
        }
        this.hinted = false;
        if (this.parked.length > 0) await this.park();
        const leases = await this.cycle(free);
        if (leases.length > 0) this.hinted = true;
        for (const lease of leases) this.begin(lease);
      }
    } catch (error) {
      if (!this.stopping) this.options.onLost(error as Error);
    }
  }

  private async cycle(n: number): Promise<Lease[]> {
    const act = [...this.activate];
    this.activate.clear();
    const ids = this.doneIds;
    const fences = this.doneFences;
    this.doneIds = [];
    this.doneFences = [];
    this.counts.cycles++;
    const { rows } = await this.queue.query<Lease>({
      name: 'cycle',
      text: 'SELECT * FROM rq_cycle($1, $2, $3, $4, $5)',
      values: [this.id, n, ids, fences, act],
    });
    return rows;
  }

  private async settle(): Promise<void> {
    if (this.parked.length > 0) await this.park();
    if (this.doneIds.length > 0) await this.cycle(0);
  }

  private async park(): Promise<void> {
    const parked = this.parked.splice(0);
    await this.queue.query({
      name: 'park',
      text: 'SELECT rq_park($1, $2, $3, $4)',
      values: [this.id, parked.map((p) => p.id), parked.map((p) => p.fence), parked.map((p) => p.until)],
    });
  }

  private begin(lease: Lease): void {
    this.counts.started++;
    this.running.set(lease.id, { lease });
    this.byRun.set(`${lease.organization_id}:${lease.run_id}`, lease.id);
    if (['succeeded', 'failed', 'cancelled'].includes(lease.status)) return this.onRelease(lease, { kind: 'lost' });
    const version = runnableVersion(lease.organization_id, lease.version_id, ownVariables());
    const go = async () => this.execute(lease, await version);
    // most runs start without waiting for anything
    if (!(version instanceof Promise) && isFresh(lease)) return this.executeFresh(lease, version);
    go().catch((error) => this.failToStart(lease, error));
  }

  private executeFresh(lease: Lease, version: Awaited<ReturnType<typeof runnableVersion>>): void {
    try {
      this.create(lease, version).start();
    } catch (error) {
      void this.failToStart(lease, error);
    }
  }

  private create(lease: Lease, version: Awaited<ReturnType<typeof runnableVersion>>): RunExecution {
    const input = JSON.parse(lease.input) as Json;
    const startedAt = this.host.clock.now();
    const scope = {
      input,
      run: { id: lease.run_id, attempt: lease.fence, startedAt: new Date(startedAt).toISOString() },
      workflow: version.workflow,
      vars: {},
      env: version.env,
    };
    const identity = {
      organizationId: lease.organization_id,
      runId: lease.run_id,
      workflowId: lease.workflow_id,
      versionId: lease.version_id,
      trigger: lease.trigger,
      input,
    };
    const execution = new RunExecution(identity, version.graph, scope, this.host, (release) => this.onRelease(lease, release));
    const limit = version.graph.workflow.settings.timeout;
    if (limit) execution.setDeadline((lease.status === 'queued' ? startedAt : lease.queued_ms) + limit);
    const entry = this.running.get(lease.id);
    if (entry) entry.execution = execution;
    return execution;
  }

  private async execute(lease: Lease, version: Awaited<ReturnType<typeof runnableVersion>>): Promise<void> {
    const { organization_id: organizationId, run_id: runId } = lease;
    const log = isFresh(lease) ? [] : await readRunLog(organizationId, runId);
    const mail = lease.has_mail ? await this.takeMail(organizationId, runId) : [];
    const parent = lease.parent_run_id && log.length === 0 ? await readRunLog(organizationId, lease.parent_run_id) : undefined;
    const entry = this.running.get(lease.id);
    if (!entry) return;
    const execution = this.create(lease, version);
    const first = log.find((e) => e.type === 'run.started');
    if (first) {
      execution.base.run.startedAt = new Date(first.at).toISOString();
      const limit = version.graph.workflow.settings.timeout;
      if (limit) execution.setDeadline(first.at + limit);
    }
    const cancel = entry.cancelled || mail.some((m) => m.kind === 'cancel');
    if (log.length > 0) execution.resume(log, lease.status, cancel);
    else execution.start(parent ? checkpointsToKeep(version.graph, parent, lease.retry_from ?? undefined) : [], cancel);
  }

  /** The version cannot be compiled, or the log cannot be read: the run fails with the reason, unless the database is gone. */
  private async failToStart(lease: Lease, error: unknown): Promise<void> {
    const { failure } = toFailure(error, '');
    const shown = { ...failure, step: failure.step || undefined };
    const now = this.host.clock.now();
    try {
      const log = await readRunLog(lease.organization_id, lease.run_id);
      await this.host.log.append({
        organizationId: lease.organization_id,
        runId: lease.run_id,
        events: [{ seq: (log.at(-1)?.seq ?? 0) + 1, type: 'run.failed', path: '', at: now, data: JSON.stringify({ error: shown }) }],
        update: { status: 'failed', output: '', error: JSON.stringify(shown), costUsd: 0, startedAt: now, finishedAt: now },
      });
      this.onRelease(lease, { kind: 'ended', outcome: { status: 'failed', error: shown } });
    } catch (again) {
      this.onRelease(lease, { kind: 'unsaved', error: again });
    }
  }

  private onRelease(lease: Lease, release: Release): void {
    if (!this.running.delete(lease.id)) return;
    this.byRun.delete(`${lease.organization_id}:${lease.run_id}`);
    this.counts.ended++;
    if (release.kind === 'parked') this.parked.push({ id: lease.id, fence: lease.fence, until: release.until });
    else if (release.kind === 'unsaved') {
      // what this process believes is ahead of the database: only a fresh start is safe
      logger.error({ err: release.error, runId: lease.run_id }, 'a run could not be saved');
      if (!this.stopping) this.options.onLost(release.error as Error);
      return;
    } else if (release.kind === 'lost' && !['succeeded', 'failed', 'cancelled'].includes(lease.status)) {
      if (!this.stopping) void this.yieldLease(lease);
      return;
    } else {
      this.doneIds.push(lease.id);
      this.doneFences.push(lease.fence);
    }
    this.wake();
  }

  /** Somebody else wrote to the run's log. If the lease is still ours, read the log again and go on; else leave it alone. */
  private async yieldLease(lease: Lease): Promise<void> {
    this.parked.push({ id: lease.id, fence: lease.fence, until: this.host.clock.now() + 100 });
    this.wake();
  }

  private async onMail(payload: string): Promise<void> {
    const entry = this.running.get(this.byRun.get(payload) ?? '');
    if (!entry) {
      await enginePool()
        .query('SELECT rq_wake_for_inbox()')
        .catch(() => {});
      return this.poke();
    }
    const [organizationId = '', runId = ''] = payload.split(':');
    const mail = await this.takeMail(organizationId, runId).catch(() => []);
    if (!mail.some((m) => m.kind === 'cancel')) return;
    if (entry.execution) entry.execution.requestCancel();
    else entry.cancelled = true;
  }

  private async takeMail(organizationId: string, runId: string): Promise<{ kind: string }[]> {
    const { rows } = await enginePool().query<{ kind: string }>('DELETE FROM run_inbox WHERE organization_id = $1 AND run_id = $2 RETURNING kind', [
      organizationId,
      runId,
    ]);
    return rows;
  }

  /** Timers, and every second what notifications may have missed: dead peers, idle tenants, mail. */
  private async tick(): Promise<void> {
    const sweep = ++this.ticks % SWEEP_EVERY === 0;
    try {
      const text = sweep ? 'SELECT rq_wake(500) + rq_reap($1) + rq_discover() + rq_wake_for_inbox() AS woken' : 'SELECT rq_wake(500) AS woken';
      const { rows } = await enginePool().query<{ woken: number }>({ name: sweep ? 'sweep' : 'wake', text, values: sweep ? [this.id] : [] });
      if ((rows[0]?.woken ?? 0) > 0) this.poke();
      if (this.ticks % 300 === 0) await this.host.clock.synchronize(this.queue);
    } catch (error) {
      logger.warn({ err: error }, 'the queue could not be swept');
    }
  }
}

function isFresh(lease: Lease): boolean {
  return lease.status === 'queued' && lease.fence === 1 && !lease.has_mail && lease.parent_run_id === null;
}

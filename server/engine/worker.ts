import type pg from 'pg';
import { checkpointsToKeep, fromTheStart } from '@/core/engine/checkpoints-to-keep';
import { isTerminal } from '@/core/engine/events';
import type { ExecutorServices } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { nodeExecutors } from '@/nodes/executors';
import { logger } from '@/server/lib/logger';
import { engineConnection, enginePool, hotPathSettings } from '@/server/queue/engine-pool';
import { Listener } from '@/server/queue/listener';
import { EngineClock } from './clock';
import { CommitLog, isConnectionLoss, LogConflict } from './commit-log';
import type { EngineHost } from './engine-host';
import { toFailure } from './failure';
import { ownVariables } from './own-variables';
import { type Release, RunExecution } from './run-execution';
import { readRunLog } from './run-log';
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

/** What a cancel carries. */
interface Mail {
  by?: string;
}

const TICK_MS = 200;
const SWEEP_EVERY = 5;
const RECONCILE_EVERY = 300;

/** Takes runs from the queue and executes them. Liveness is a session advisory lock: when this process dies, PostgreSQL frees it and a peer takes over. */
export class Worker {
  private id = 0;
  private readonly queue: pg.Client;
  private readonly listener: Listener;
  private readonly host: EngineHost;
  private readonly running = new Map<string, { lease: Lease; execution?: RunExecution; cancelled?: Mail }>();
  private readonly byRun = new Map<string, string>();
  private doneIds: string[] = [];
  private doneFences: number[] = [];
  private parked: { id: string; fence: number; until: number }[] = [];
  private readonly activate = new Set<string>();
  private hinted = true;
  /** the last cycle had room and brought nothing: perhaps a peer held the tenants it wanted */
  private starved = false;
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
    this.queue = engineConnection('worker', hotPathSettings);
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
      () => {
        this.poke();
        void this.readMail().catch(() => {});
      },
    );
  }

  /** Connects, takes the lock and begins. */
  async start(): Promise<void> {
    await this.queue.connect();
    const { rows } = await this.queue.query<{ id: number }>('SELECT rq_register() AS id');
    this.id = rows[0]?.id ?? 0;
    await this.host.clock.synchronize(this.queue);
    await this.listener.start();
    // what became ready while nobody listened
    this.ticks = SWEEP_EVERY - 1;
    await this.tick();
    this.tickLater();
    this.looped = this.loop();
  }

  /** Stops fetching, gives what runs `graceMs` to end, then lets go of the rest; a peer or the next start goes on with it. */
  async stop(graceMs = 3_000): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    clearTimeout(this.ticker);
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
    if (isTerminal(lease.status)) return this.onRelease(lease, { kind: 'lost' });
    const version = runnableVersion(lease.organization_id, lease.version_id, ownVariables());
    const go = async () => this.execute(lease, await version);
    // most runs start without waiting for anything
    if (!(version instanceof Promise) && isFresh(lease)) return this.executeFresh(lease, version);
    go().catch((error) => this.failRun(lease, error));
  }

  private executeFresh(lease: Lease, version: Awaited<ReturnType<typeof runnableVersion>>): void {
    try {
      this.create(lease, version).start();
    } catch (error) {
      void this.failRun(lease, error);
    }
  }

  private create(lease: Lease, version: Awaited<ReturnType<typeof runnableVersion>>): RunExecution {
    const input = JSON.parse(lease.input) as Json;
    const startedAt = this.host.clock.now();
    const scope = {
      input,
      run: { id: lease.run_id, attempt: 1, startedAt: new Date(startedAt).toISOString() },
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
    const cancelled = lease.has_mail ? (await this.mailOf([lease.id])).get(lease.id) : undefined;
    const parent = lease.parent_run_id && log.length === 0 ? await readRunLog(organizationId, lease.parent_run_id) : undefined;
    const entry = this.running.get(lease.id);
    if (!entry) return;
    const execution = this.create(lease, version);
    const first = log[0];
    if (first?.type === 'run.started') {
      execution.base.run.startedAt = new Date(first.at).toISOString();
      execution.base.run.attempt = first.attempt ?? 1;
      const limit = version.graph.workflow.settings.timeout;
      if (limit) execution.setDeadline(first.at + limit);
    }
    const cancel = entry.cancelled ?? cancelled;
    if (log.length > 0) return execution.resume(log, lease.status, cancel);
    if (parent?.[0]?.type === 'run.started') execution.base.run.attempt = (parent[0].attempt ?? 1) + 1;
    const kept = parent && lease.retry_from !== fromTheStart ? checkpointsToKeep(version.graph, parent, lease.retry_from ?? undefined) : [];
    execution.start(kept, cancel);
  }

  /**
   * The version cannot be compiled, or what the run wants to write is refused: it fails with the reason. A database that is away for a moment is no
   * reason: the run is tried again.
   */
  private async failRun(lease: Lease, error: unknown): Promise<void> {
    if (isConnectionLoss(error)) return this.onRelease(lease, { kind: 'parked', until: this.host.clock.now() + 1_000 });
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
      if (again instanceof LogConflict) this.onRelease(lease, { kind: 'lost' });
      else this.loseEverything(lease, again);
    }
  }

  private onRelease(lease: Lease, release: Release): void {
    if (release.kind === 'unsaved') {
      if (isConnectionLoss(release.error)) this.loseEverything(lease, release.error);
      else void this.failRun(lease, release.error);
      return;
    }
    if (!this.running.delete(lease.id)) return;
    this.byRun.delete(`${lease.organization_id}:${lease.run_id}`);
    this.counts.ended++;
    if (release.kind === 'parked') this.parked.push({ id: lease.id, fence: lease.fence, until: release.until });
    else if (release.kind === 'lost' && !isTerminal(lease.status)) {
      // somebody else wrote to the log: come back shortly and read it, if the lease is still ours by then
      if (!this.stopping) this.parked.push({ id: lease.id, fence: lease.fence, until: this.host.clock.now() + 100 });
    } else {
      this.doneIds.push(lease.id);
      this.doneFences.push(lease.fence);
    }
    this.wake();
  }

  /** What this process believes is ahead of the database: only a fresh start is safe. */
  private loseEverything(lease: Lease, error: unknown): void {
    logger.error({ err: error, runId: lease.run_id }, 'a run could not be saved');
    if (!this.stopping) this.options.onLost(error as Error);
  }

  private async onMail(payload: string): Promise<void> {
    const id = this.byRun.get(payload);
    try {
      if (id) await this.readMail([id]);
      else await enginePool().query('SELECT rq_wake_for_inbox()');
    } catch (error) {
      logger.warn({ err: error }, 'the mail of a run could not be read; the next sweep reads it');
    }
    this.poke();
  }

  /** Hands the mail of the runs in this process to them. It stays in the table until its run has ended: a crash in between loses nothing. */
  private async readMail(leases: string[] = [...this.running.keys()]): Promise<void> {
    if (leases.length === 0) return;
    for (const [id, mail] of await this.mailOf(leases)) {
      const entry = this.running.get(id);
      if (!entry) continue;
      if (entry.execution) entry.execution.requestCancel(mail.by);
      else entry.cancelled = mail;
    }
  }

  private async mailOf(leases: string[]): Promise<Map<string, Mail>> {
    const { rows } = await enginePool().query<{ id: string; payload: string }>({
      name: 'mail',
      text: `SELECT q.id, i.payload FROM run_queue q JOIN run_inbox i ON i.organization_id = q.organization_id AND i.run_id = q.run_id
              WHERE q.id = ANY($1::bigint[]) AND i.kind = 'cancel'`,
      values: [leases],
    });
    return new Map(rows.map((r) => [r.id, JSON.parse(r.payload) as Mail]));
  }

  private tickLater(): void {
    if (!this.stopping) this.ticker = setTimeout(() => void this.tick().finally(() => this.tickLater()), TICK_MS);
  }

  /** Timers, and every second what notifications may have missed: dead peers, idle tenants, mail. Each in a transaction of its own, so that none waits for another's locks. */
  private async tick(): Promise<void> {
    const sweep = ++this.ticks % SWEEP_EVERY === 0;
    const ask = async (call: string, values: unknown[] = []) => {
      const { rows } = await enginePool().query<{ n: number | boolean }>({ name: call, text: `SELECT ${call} AS n`, values });
      return Number(rows[0]?.n ?? 0);
    };
    try {
      let found = await ask('rq_wake(500)');
      if (sweep) {
        found += await ask('rq_reap($1)', [this.id]);
        found += await ask('rq_discover()');
        found += await ask('rq_wake_for_inbox()');
        await this.readMail();
      }
      if (this.starved && this.running.size < this.concurrency) found += await ask('rq_backlog()');
      if (found > 0) this.poke();
      if (this.ticks % RECONCILE_EVERY === 0) await enginePool().query('SELECT rq_reconcile()');
    } catch (error) {
      if (!isSerialization(error)) logger.warn({ err: error }, 'the queue could not be swept');
    }
  }
}

/** Deadlock or serialization failure: the transaction did nothing and may be tried again. */
function isSerialization(error: unknown): boolean {
  return ['40P01', '40001'].includes((error as { code?: string }).code ?? '');
}

function isFresh(lease: Lease): boolean {
  return lease.status === 'queued' && lease.fence === 1 && !lease.has_mail && lease.parent_run_id === null;
}

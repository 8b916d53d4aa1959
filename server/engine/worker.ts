import { isTerminal } from '@/core/engine/events';
import type { ExecutorServices } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { nodeExecutors } from '@/nodes/executors';
import { StoreAway, storeLarge } from '@/server/blobs';
import { isConnectionLoss, isOfTheMoment } from '@/server/lib/database-errors';
import { logger } from '@/server/lib/logger';
import { enginePool } from '@/server/queue/engine-pool';
import { Listener } from '@/server/queue/listener';
import { EngineClock } from './clock';
import { CommitLog, LogConflict } from './commit-log';
import { convict } from './convict';
import type { EngineHost } from './engine-host';
import { toFailure } from './failure';
import { keptOfParent } from './kept-of-parent';
import { isFresh, type Lease } from './lease';
import { LeaseLoop } from './lease-loop';
import type { Mail } from './mail';
import { MemoryPressure } from './memory-pressure';
import { ownVariables } from './own-variables';
import { readMail } from './read-mail';
import { type Release, RunExecution } from './run-execution';
import { lastSeq, runLog } from './run-log';
import { runScope } from './run-scope';
import { Seat, type WorkerKind } from './seat';
import { Sweeper } from './sweeper';
import { runnableVersion, versionByNumber } from './versions';

export interface WorkerOptions {
  services: ExecutorServices;
  /** runs in memory at once; an eighth more of organizations that have few running */
  concurrency?: number;
  /** the worker lost its lock or its log connection: its runs belong to others now. The process must exit. */
  onLost: (error: Error) => void;
  /** absent: an ordinary worker */
  kind?: WorkerKind;
  /** the place that was reserved for this quarantine process */
  seat?: number;
  /** starts a quarantine process for suspects that wait; without it they wait for another worker to do it */
  openQuarantine?: (kind: 'together' | 'alone', seat: number) => void;
  /** a quarantine process has had nothing to do for a while and may end */
  onIdle?: () => void;
}

/** Takes runs from the queue and executes them. Liveness is a session advisory lock: when this process dies, PostgreSQL frees it and a peer takes over. */
export class Worker {
  private readonly seat: Seat;
  private readonly loop: LeaseLoop;
  private readonly sweeper: Sweeper;
  private readonly listener: Listener;
  private readonly host: EngineHost;
  private readonly running = new Map<string, { lease: Lease; execution?: RunExecution; mail?: Mail[] }>();
  private readonly byRun = new Map<string, string>();
  private readonly memory = new MemoryPressure();
  private stopping = false;
  private waking = false;
  private mailCame = false;
  private readonly concurrency: number;
  /** for /metrics and the benchmarks */
  readonly counts = { started: 0, ended: 0, wakes: 0 };

  /** how often it asked the queue */
  get cycles(): number {
    return this.loop.cycles;
  }

  constructor(private readonly options: WorkerOptions) {
    this.concurrency = options.concurrency ?? 256;
    const lost = (error: Error) => void this.lose(error);
    this.seat = new Seat(options.kind ?? 'worker', lost);
    this.host = {
      log: new CommitLog(lost),
      clock: new EngineClock(),
      executors: nodeExecutors as EngineHost['executors'],
      services: options.services,
      variant: versionByNumber,
      storeLarge,
    };
    const spare = this.seat.kind === 'worker' ? Math.floor(this.concurrency / 8) : 0;
    this.loop = new LeaseLoop(this.seat, { free: () => this.free(spare), spare, begin: (lease) => this.begin(lease), lost });
    this.sweeper = new Sweeper(this.seat, this.loop, {
      readMail: () => this.readMail(),
      openQuarantine: (kind, seat) => options.openQuarantine?.(kind, seat),
      busy: () => this.running.size > 0,
      idle: () => options.onIdle?.(),
    });
    this.listener = new Listener(
      'worker listener',
      {
        ...(this.seat.kind === 'worker' ? { heddle_queue: (organizationId: string) => this.loop.poke(organizationId) } : {}),
        heddle_inbox: (payload) => void this.onMail(payload),
      },
      () => {
        this.loop.poke();
        void this.readMail().catch(() => {});
      },
    );
  }

  /** Connects, takes the lock and begins. */
  async start(): Promise<void> {
    await this.seat.take(this.options.seat);
    await this.host.clock.synchronize(this.seat.connection);
    await this.listener.start();
    await this.sweeper.start();
    this.loop.start();
  }

  /** Stops fetching at once, gives what runs `graceMs` to end, then hands the rest back; a peer or the next start goes on with it, and nobody is blamed. */
  async stop(graceMs = 3_000): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    this.sweeper.stop();
    const deadline = Date.now() + graceMs;
    while (this.running.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const { execution } of this.running.values()) execution?.abandon();
    await this.listener.close();
    await this.loop.stop(() => this.host.log.close().catch(() => {})).catch(() => {});
    await this.seat.leave();
  }

  /** A quarantine process of this worker ended: looks at once for what it left behind. */
  sweepNow(): void {
    this.sweeper.now();
  }

  /** Others own the runs now: whatever this process still does is lost or done twice. It stops at once, and says that none of its runs is to blame. */
  private async lose(error: Error): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    this.sweeper.stop();
    for (const { execution } of this.running.values()) execution?.abandon();
    await this.seat.excuse();
    this.options.onLost(error);
  }

  /** How many more runs fit in; none when it stops, nor while memory is short, unless nothing else would ever free some. */
  private free(spare: number): number {
    if (this.stopping) return 0;
    return this.running.size > 0 && this.memory.high ? 0 : this.concurrency + spare - this.running.size;
  }

  private begin(lease: Lease): void {
    if (this.stopping) return; // handed back with the place
    this.counts.started++;
    this.running.set(lease.id, { lease });
    this.byRun.set(`${lease.organization_id}:${lease.run_id}`, lease.id);
    if (isTerminal(lease.status)) return this.onRelease(lease, { kind: 'lost' });
    if (lease.convicted) return void this.convict(lease);
    if (this.sweeper.isPoisonous(lease.version_id)) {
      this.forget(lease);
      return this.loop.quarantine(lease);
    }
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
    const scope = runScope(lease.organization_id, lease.run_id, version, input, startedAt);
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
    const mail = lease.has_mail ? (await readMail([lease.id])).get(lease.id) : undefined;
    if (this.stopping) return void this.forget(lease);
    if (!this.running.has(lease.id)) return;
    const execution = this.create(lease, version);
    const early = this.running.get(lease.id)?.mail;
    if (early) execution.deliver(early);
    if (!isFresh(lease) && (await this.replay(lease, version, execution))) return execution.resume(lease.status, mail);
    const { kept, attempt } = lease.parent_run_id ? await keptOfParent(lease, lease.parent_run_id, version.graph) : { kept: [], attempt: 1 };
    execution.base.run.attempt = attempt;
    execution.start(kept, mail);
  }

  /** Hands a run its log, page by page. Whether there was one. */
  private async replay(lease: Lease, version: Awaited<ReturnType<typeof runnableVersion>>, execution: RunExecution): Promise<boolean> {
    const limit = version.graph.workflow.settings.timeout;
    let begun = false;
    for await (const event of runLog(lease.organization_id, lease.run_id)) {
      if (event.type === 'run.started') {
        execution.base.run.startedAt = new Date(event.at).toISOString();
        execution.base.run.attempt = event.attempt ?? 1;
        if (limit) execution.setDeadline(event.at + limit);
      }
      execution.replay(event);
      begun = true;
    }
    return begun;
  }

  /**
   * The run killed its workers: it is ended without being executed again. Whatever is in the way of that is no reason to end the worker too, nor to hand the run to
   * others, who would execute it: it stays here until it can be written.
   */
  private async convict(lease: Lease, wait = 1_000): Promise<void> {
    try {
      const error = await convict(lease, this.host);
      this.onRelease(lease, { kind: 'ended', outcome: { status: 'failed', error } });
    } catch (error) {
      if (error instanceof LogConflict) return this.onRelease(lease, { kind: 'lost' });
      logger.error({ err: error, runId: lease.run_id }, 'a run that poisoned its workers could not be ended; it is tried again');
      setTimeout(() => {
        if (!this.stopping) void this.convict(lease, Math.min(wait * 2, 60_000));
      }, wait).unref();
    }
  }

  /**
   * The version cannot be compiled, or what the run wants to write is refused: it fails with the reason, at the cost it has. A database or blob store that is away,
   * full or busy for a moment is no reason: the run is tried again.
   */
  private async failRun(lease: Lease, error: unknown): Promise<void> {
    const later = { kind: 'parked' as const, until: this.host.clock.now() + 1_000 };
    if (isOfTheMoment(error) || error instanceof StoreAway) return this.onRelease(lease, later);
    const { failure } = toFailure(error, '');
    const shown = { ...failure, step: failure.step || undefined };
    const now = this.host.clock.now();
    try {
      const seq = (await lastSeq(lease.organization_id, lease.run_id)) + 1;
      await this.host.log.append({
        organizationId: lease.organization_id,
        runId: lease.run_id,
        events: [{ seq, type: 'run.failed', path: '', at: now, data: JSON.stringify({ error: shown }) }],
        update: { status: 'failed', output: '', error: JSON.stringify(shown), startedAt: now, finishedAt: now },
      });
      this.onRelease(lease, { kind: 'ended', outcome: { status: 'failed', error: shown } });
    } catch (again) {
      if (again instanceof LogConflict) this.onRelease(lease, { kind: 'lost' });
      else if (isOfTheMoment(again) && !isConnectionLoss(again)) this.onRelease(lease, later);
      else this.loseEverything(lease, again);
    }
  }

  private onRelease(lease: Lease, release: Release): void {
    if (release.kind === 'unsaved') {
      if (isConnectionLoss(release.error)) this.loseEverything(lease, release.error);
      else void this.failRun(lease, release.error);
      return;
    }
    if (!this.forget(lease)) return;
    this.counts.ended++;
    if (release.kind === 'parked') this.loop.park(lease, release.until);
    else if (release.kind === 'lost' && !isTerminal(lease.status)) {
      // somebody else wrote to the log: come back shortly and read it, if the lease is still ours by then
      if (!this.stopping) this.loop.park(lease, this.host.clock.now() + 100);
    } else this.loop.settle(lease);
  }

  /** Whether the run was in this process. */
  private forget(lease: Lease): boolean {
    this.byRun.delete(`${lease.organization_id}:${lease.run_id}`);
    return this.running.delete(lease.id);
  }

  /** What this process believes is ahead of the database: only a fresh start is safe. */
  private loseEverything(lease: Lease, error: unknown): void {
    logger.error({ err: error, runId: lease.run_id }, 'a run could not be saved');
    void this.lose(error as Error);
  }

  private async onMail(payload: string): Promise<void> {
    const id = this.byRun.get(payload);
    if (!id) return this.wakeOthers();
    await this.readMail([id]).catch((error) => logger.warn({ err: error }, 'the mail of a run could not be read; the next sweep reads it'));
    this.loop.poke();
  }

  /** Wakes sleeping runs that have mail. Each look is over all of it: one at a time, and again while it finds some or more came meanwhile. */
  private async wakeOthers(): Promise<void> {
    this.mailCame = true;
    if (this.waking || this.seat.kind !== 'worker') return;
    this.waking = true;
    while (this.mailCame && !this.stopping) {
      this.mailCame = false;
      this.counts.wakes++;
      try {
        const { rows } = await enginePool().query<{ n: number }>('SELECT rq_wake_for_inbox() AS n');
        if (rows[0]?.n) this.mailCame = true;
      } catch (error) {
        logger.warn({ err: error }, 'runs with mail could not be woken; the next sweep wakes them');
      }
      this.loop.poke();
    }
    this.waking = false;
  }

  /** Hands the mail of the runs in this process to them. It stays in the table until it is in its run’s log: a crash in between loses nothing. */
  private async readMail(leases: string[] = [...this.running.keys()]): Promise<void> {
    if (leases.length === 0) return;
    for (const [id, mail] of await readMail(leases)) {
      const entry = this.running.get(id);
      if (!entry) continue;
      if (entry.execution) entry.execution.deliver(mail);
      else entry.mail = mail;
    }
  }
}

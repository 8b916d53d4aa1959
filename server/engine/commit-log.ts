import type pg from 'pg';
import type { RunStatus } from '@/core/engine/events';
import { isConnectionLoss, isOfTheMoment } from '@/server/lib/database-errors';
import { engineConnection, hotPathSettings } from '@/server/queue/engine-pool';
import { shortRunId } from '@/server/queue/notifications';

/** A run event as it is stored; `data` is JSON text. */
export interface EventRow {
  seq: number;
  type: string;
  path: string;
  at: number;
  data: string;
}

export interface NewRunRow {
  workflowId: string;
  versionId: string;
  trigger: string;
  /** JSON text, as are output and error */
  input: string;
  status: RunStatus;
  output: string;
  error: string;
  queuedAt: number;
  finishedAt: number | undefined;
  priority: number;
  /** whether a worker has to go on with it */
  queue: boolean;
}

export interface RunUpdate {
  status: RunStatus;
  output: string;
  error: string;
  /** absent: as the row has it */
  costUsd?: number;
  startedAt: number;
  finishedAt: number | undefined;
}

/** What happens in the same transaction: a mail of the inbox is in the log, the run was paused or goes on, it becomes a dead letter, a step has failed. */
export interface CommitExtra {
  kind: 'mail_done' | 'paused' | 'resumed' | 'dead_letter' | 'step_ended';
  /** id of the mail; step of the dead letter; path of the step */
  name: string;
  /** JSON text */
  data: string;
}

/** What one run has to write; all of it or nothing. */
export interface Commit {
  organizationId: string;
  runId: string;
  create?: NewRunRow;
  events: EventRow[];
  update?: RunUpdate;
  extras?: CommitExtra[];
}

/** Another owner of the run wrote these log entries first. */
export class LogConflict extends Error {}

interface Waiting {
  commit: Commit;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const MAX_ROWS = 4_000;
const MAX_BYTES = 8_000_000;
/** waits before a batch is tried again that failed for a reason of the moment (a deadlock, a lock, no more memory): about 2 s in all, while others wait */
const AGAIN_MS = [20, 60, 200, 600, 1_200];

/**
 * Adaptive group commit over all runs of a process (design §4): idle, a commit goes out at once; busy, commits pile up behind the one in flight and
 * go out together. One connection, so that a run's commits keep their order. A batch that fails for a reason of the moment is tried again as it is; then, or
 * for any other reason, run by run: one poison row fails alone.
 */
export class CommitLog {
  private queue: Waiting[] = [];
  private scheduled = false;
  private flying = false;
  private client: Promise<pg.Client> | undefined;
  private idle: (() => void)[] = [];
  /** for /metrics and the benchmarks */
  readonly counts = { flushes: 0, commits: 0, events: 0 };

  constructor(private readonly onLost: (error: Error) => void = () => {}) {}

  /**
   * Resolves when the commit is durable. Rejects with LogConflict, or with the database's error: then nothing of it was written, unless the connection
   * was lost while it was under way (`isConnectionLoss`), when only a look at the tables can tell.
   */
  append(commit: Commit): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queue.push({ commit, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.flying) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.flush();
    });
  }

  private async flush(): Promise<void> {
    if (this.flying || this.queue.length === 0) return;
    this.flying = true;
    const batch = this.take();
    try {
      await this.writeAgain(batch.map((w) => w.commit));
      for (const w of batch) w.resolve();
    } catch (error) {
      await this.retrySingly(batch, error);
    }
    this.flying = false;
    if (this.queue.length > 0) void this.flush();
    else for (const resolve of this.idle.splice(0)) resolve();
  }

  private take(): Waiting[] {
    let rows = 0;
    let bytes = 0;
    let end = 0;
    while (end < this.queue.length && (end === 0 || (rows < MAX_ROWS && bytes < MAX_BYTES))) {
      const { commit } = this.queue[end] as Waiting;
      rows += commit.events.length + 1;
      for (const e of commit.events) bytes += e.data.length;
      bytes += (commit.create?.input.length ?? 0) + (commit.create?.output.length ?? 0) + (commit.update?.output.length ?? 0);
      end++;
    }
    return this.queue.splice(0, end);
  }

  private async retrySingly(batch: Waiting[], error: unknown): Promise<void> {
    if (isConnectionLoss(error)) {
      this.client = undefined;
      for (const w of batch) {
        w.reject(error);
        this.rejectQueued(w.commit.runId, error);
      }
      return;
    }
    // a run's later commits build on its earlier ones: they fail with it
    const failed = new Map<string, unknown>();
    for (const w of batch) {
      const earlier = failed.get(w.commit.runId);
      if (earlier) {
        w.reject(earlier);
        continue;
      }
      try {
        if (batch.length === 1) throw error;
        await this.write([w.commit]);
        w.resolve();
      } catch (e) {
        const reason = (e as { code?: string }).code === 'HD409' ? new LogConflict('The run was continued elsewhere.') : e;
        failed.set(w.commit.runId, reason);
        w.reject(reason);
        this.rejectQueued(w.commit.runId, reason);
      }
    }
  }

  /** What a run appended after a commit that failed must not be written either: its log would have a hole. */
  private rejectQueued(runId: string, reason: unknown): void {
    const rest: Waiting[] = [];
    for (const w of this.queue) {
      if (w.commit.runId === runId) w.reject(reason);
      else rest.push(w);
    }
    this.queue = rest;
  }

  /** The transaction did nothing, and may well succeed in a while. */
  private async writeAgain(commits: Commit[]): Promise<void> {
    for (const wait of AGAIN_MS) {
      try {
        return await this.write(commits);
      } catch (error) {
        if (isConnectionLoss(error) || !isOfTheMoment(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
      }
    }
    await this.write(commits);
  }

  private async write(commits: Commit[]): Promise<void> {
    const client = await this.connect();
    this.counts.flushes++;
    this.counts.commits += commits.length;
    const values = encode(commits);
    this.counts.events += values[EVENT_COUNT] as number;
    await client.query({ name: 'engine-commit', text: STATEMENT, values });
  }

  private connect(): Promise<pg.Client> {
    this.client ??= (async () => {
      const client = engineConnection('commit log', hotPathSettings);
      client.on('error', (error) => {
        this.client = undefined;
        this.onLost(error);
      });
      await client.connect();
      return client;
    })();
    this.client.catch(() => {
      this.client = undefined;
    });
    return this.client;
  }

  /** Waits until everything appended so far is written, then disconnects. */
  async close(): Promise<void> {
    if (this.flying || this.queue.length > 0 || this.scheduled) await new Promise<void>((resolve) => this.idle.push(resolve));
    const client = await this.client?.catch(() => undefined);
    this.client = undefined;
    await client?.end().catch(() => {});
  }
}

const PARAMETERS = 36;
/** place of e_count among them */
const EVENT_COUNT = 20;
const STATEMENT = `SELECT engine_commit(${Array.from({ length: PARAMETERS }, (_, i) => `$${i + 1}${i === EVENT_COUNT ? '::int' : '::text'}`).join(', ')})`;
const UNIT = '\u001f';

/** The 36 parameters of engine_commit, in its order. */
function encode(commits: Commit[]): (string | number | null)[] {
  const n: string[][] = Array.from({ length: 13 }, () => []);
  const e: string[][] = Array.from({ length: 7 }, () => []);
  const u: string[][] = Array.from({ length: 8 }, () => []);
  const x: string[][] = Array.from({ length: 5 }, () => []);
  // of several updates of a run the last counts: an UPDATE that finds two rows to join takes either
  const updates = new Map<string, (string | number | undefined)[]>();
  const wake = new Set<string>();
  let notify = '';
  const put = (columns: string[][], row: (string | number | undefined)[]) => {
    for (let i = 0; i < row.length; i++) columns[i]?.push(row[i] === undefined ? '' : String(row[i]));
  };
  for (const { organizationId, runId, create, events, update, extras } of commits) {
    if (create) {
      put(n, [
        organizationId,
        runId,
        create.workflowId,
        create.versionId,
        create.trigger,
        create.input,
        create.status,
        create.output,
        create.error,
        create.queuedAt,
        create.finishedAt,
        create.priority,
        create.queue ? 1 : 0,
      ]);
      if (create.queue) wake.add(organizationId);
    }
    for (const row of events) put(e, [organizationId, runId, row.seq, row.type, row.path, row.at, row.data]);
    if (update) updates.set(runId, [organizationId, runId, update.status, update.output, update.error, update.costUsd, update.startedAt, update.finishedAt]);
    if (extras) for (const extra of extras) put(x, [organizationId, runId, extra.kind, extra.name, extra.data]);
    notify += shortRunId(runId);
  }
  for (const row of updates.values()) put(u, row);
  const joined = (columns: string[][]) => columns.map((c) => (columns[0]?.length ? c.join(UNIT) : null));
  return [...joined(n), ...joined(e), e[0]?.length ?? 0, ...joined(u), wake.size ? [...wake].join(UNIT) : null, chunked(notify), ...joined(x)];
}

/** A NOTIFY payload holds less than 8,000 bytes. */
function chunked(ids: string): string | null {
  if (ids.length === 0) return null;
  if (ids.length <= 7_920) return ids;
  return (ids.match(/.{1,7920}/g) ?? []).join(UNIT);
}

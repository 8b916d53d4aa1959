import { prefixesOf } from '@/core/workflow/event-pattern';
import type { Json } from '@/core/workflow/workflow';
import { type OrganizationId, type Transaction, withTenant } from '@/server/db/transaction';
import { isOfTheMoment } from '@/server/lib/database-errors';
import { logger } from '@/server/lib/logger';
import { enginePool } from '@/server/queue/engine-pool';
import { Listener } from '@/server/queue/listener';
import { dispatchEvent, type Look, lookAround } from './dispatch-event';
import type { Dispatchable, Outcome } from './stored-event';

/** events of one organization in one transaction */
const batch = 50;
/** and so much work, ms: transactions are short */
const batchTime = 4_000;
/** organizations at the same time */
const lanes = 3;
/** looks again at least this often, in case a notification was lost or its hearer died */
const sweepEvery = 2_000;
const sweepWaitsEvery = 300_000;
/** an event whose dispatch fails so often, for a reason that will not pass, is put aside: it must not hold up the others */
const mostTries = 5;

interface Row {
  id: string;
  type: string;
  subject: string | null;
  data: string;
  at: Date;
  depth: number;
  cause: string[];
  replayOf: string | null;
  onlyWorkflowId: string | null;
}

/**
 * Dispatches events that were stored without being dispatched (Heddle's own, and replays) until `signal` aborts; resolves when it has stopped. Any
 * number of dispatchers may run: an event is locked while what it starts is inserted and it is marked, in one transaction, so each is dispatched
 * exactly once, whoever dies. A batch goes in the order of the ids, that is, of time.
 */
export async function startEventDispatcher({ signal }: { signal: AbortSignal }): Promise<void> {
  const dispatcher = new Dispatcher(signal);
  await dispatcher.run();
}

class Dispatcher {
  private readonly waiting = new Set<string>();
  private readonly busy = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();
  private readonly tries = new Map<string, number>();
  private wake: () => void = () => {};
  private sweptAt = Number.NEGATIVE_INFINITY;
  private waitsSweptAt = performance.now();

  constructor(private readonly signal: AbortSignal) {}

  async run(): Promise<void> {
    const look = () => {
      this.sweptAt = Number.NEGATIVE_INFINITY;
      this.wake();
    };
    const hear = (organizationId: string) => {
      this.add(organizationId);
      this.wake();
    };
    const listener = new Listener('event dispatcher', { heddle_event: hear }, look);
    listener.start().catch((error: Error) => logger.warn({ error: error.message }, 'the event dispatcher does not hear of events; it looks every 2 s'));
    this.signal.addEventListener('abort', look, { once: true });
    try {
      while (!this.signal.aborted) {
        await this.sweep();
        this.fill();
        await this.rest();
      }
      await Promise.all(this.busy.values());
    } finally {
      this.signal.removeEventListener('abort', look);
      await listener.close();
    }
  }

  private add(organizationId: string): void {
    if (this.busy.has(organizationId)) this.again.add(organizationId);
    else this.waiting.add(organizationId);
  }

  private fill(): void {
    for (const organizationId of this.waiting) {
      if (this.busy.size >= lanes || this.signal.aborted) return;
      this.waiting.delete(organizationId);
      const work = this.serve(organizationId as OrganizationId).then((more) => {
        this.busy.delete(organizationId);
        // behind the others: an organization with many events does not hold them up
        if (this.again.delete(organizationId) || more) this.waiting.add(organizationId);
        this.wake();
      });
      this.busy.set(organizationId, work);
    }
  }

  private rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, sweepEvery - (performance.now() - this.sweptAt)));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async sweep(): Promise<void> {
    if (performance.now() - this.sweptAt < sweepEvery) return;
    this.sweptAt = performance.now();
    try {
      const { rows } = await enginePool().query<{ id: string }>('SELECT event_backlog() AS id');
      for (const { id } of rows) this.add(id);
      if (performance.now() - this.waitsSweptAt < sweepWaitsEvery) return;
      this.waitsSweptAt = performance.now();
      await enginePool().query('SELECT event_sweep_waits()');
    } catch (error) {
      logger.warn({ error: (error as Error).message }, 'the event dispatcher could not look for events');
    }
  }

  /** One batch of an organization; whether there may be more. Never rejects. */
  private async serve(organizationId: OrganizationId): Promise<boolean> {
    try {
      return (await dispatchBatch(organizationId)) === batch;
    } catch (error) {
      if (!isOfTheMoment(error)) return await this.serveSingly(organizationId).catch((again: Error) => this.complain(organizationId, again));
      return this.complain(organizationId, error as Error);
    }
  }

  private complain(organizationId: string, error: Error): false {
    logger.warn({ organizationId, error: error.message }, 'events could not be dispatched; they are tried again');
    return false;
  }

  /** Each event in a transaction of its own, so that one that cannot be dispatched fails alone. */
  private async serveSingly(organizationId: OrganizationId): Promise<boolean> {
    const ids = await withTenant(organizationId, (tx) => undispatched(tx, organizationId));
    for (const id of ids) {
      try {
        await dispatchBatch(organizationId, id);
        this.tries.delete(id);
      } catch (error) {
        if (isOfTheMoment(error)) throw error;
        const tries = (this.tries.get(id) ?? 0) + 1;
        this.tries.set(id, tries);
        logger.error({ organizationId, eventId: id, tries, error: (error as Error).message }, 'an event could not be dispatched');
        if (tries < mostTries) continue;
        this.tries.delete(id);
        await withTenant(organizationId, (tx) => putAside(tx, organizationId, id));
      }
    }
    return false;
  }
}

/** Dispatches the oldest events that nobody else is dispatching, or the one with this id. `batch` means that there may be more. */
async function dispatchBatch(organizationId: OrganizationId, only: string | null = null): Promise<number> {
  return withTenant(organizationId, async (tx) => {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT id, type, subject, data, at, depth, cause, replay_of AS "replayOf", only_workflow_id AS "onlyWorkflowId" FROM event
      WHERE organization_id = ${organizationId}::uuid AND dispatched_at IS NULL AND (${only}::uuid IS NULL OR id = ${only}::uuid)
      ORDER BY id LIMIT ${batch} FOR NO KEY UPDATE SKIP LOCKED`;
    if (rows.length === 0) return 0;
    const outcomes: string[] = [];
    const began = performance.now();
    // once a type: a wait that begins meanwhile is not meant by events of before, or looks for them itself when this transaction has ended
    const looks = new Map<string, Look>();
    for (const row of rows) {
      if (outcomes.length > 0 && performance.now() - began > batchTime) break;
      const look = looks.get(row.type) ?? (await lookAround(tx, organizationId, prefixesOf(row.type)));
      looks.set(row.type, look);
      outcomes.push(JSON.stringify(await dispatchEvent(tx, organizationId, dispatchable(row), look)));
    }
    const done = rows.slice(0, outcomes.length).map((r) => r.id);
    await settle(tx, organizationId, done, outcomes);
    return done.length < rows.length ? batch : done.length;
  });
}

function dispatchable({ data, at, replayOf, onlyWorkflowId, ...row }: Row): Dispatchable {
  return {
    ...row,
    data: JSON.parse(data) as Json,
    at: at.toISOString(),
    ...(replayOf ? { replayOf } : {}),
    ...(onlyWorkflowId ? { onlyWorkflowId } : {}),
  };
}

async function undispatched(tx: Transaction, organizationId: OrganizationId): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM event WHERE organization_id = ${organizationId}::uuid AND dispatched_at IS NULL ORDER BY id LIMIT ${batch}`;
  return rows.map((r) => r.id);
}

async function settle(tx: Transaction, organizationId: OrganizationId, ids: string[], outcomes: string[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE event e SET dispatched_at = clock_timestamp(), outcome = x.o FROM unnest(${ids}::uuid[], ${outcomes}::text[]) x(i, o)
    WHERE e.organization_id = ${organizationId}::uuid AND e.id = x.i AND e.dispatched_at IS NULL`;
}

/** Marks an event that cannot be dispatched; it stays readable and can be replayed. */
async function putAside(tx: Transaction, organizationId: OrganizationId, id: string): Promise<void> {
  const outcome: Outcome = { runs: [], leftOut: [], stopped: 'Something went wrong inside Heddle while the event was dispatched. It can be replayed.' };
  await settle(tx, organizationId, [id], [JSON.stringify(outcome)]);
}

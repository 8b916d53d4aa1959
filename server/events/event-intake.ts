import { prefixesOf } from '@/core/workflow/event-pattern';
import type { Json } from '@/core/workflow/workflow';
import { auditMany } from '@/server/audit/record';
import type { Context } from '@/server/auth/context';
import { type OrganizationId, type Transaction, withTenant } from '@/server/db/transaction';
import { dispatchEvent, type Look, lookAround } from './dispatch-event';
import type { Outcome } from './stored-event';

/** An event that somebody wants to publish, checked. */
export interface NewEvent {
  ctx: Context;
  id: string;
  /** the id was given before: the event may have been published already */
  repeatable: boolean;
  type: string;
  subject: string | null;
  data: Json;
}
interface Waiting {
  event: NewEvent;
  /** the data as it is stored */
  text: string;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

/** what goes into one transaction: events, characters of data, ms of work */
const most = { events: 100, size: 4_000_000, ms: 4_000 };

const lanes = new Map<OrganizationId, Waiting[]>();

/**
 * Stores an event with what it starts; resolves when both are durable. Adaptive group commit: an event that comes alone goes at once, those that come
 * while a transaction of their organization is under way go together in the next one. A batch that fails is tried again one by one: each fails alone.
 */
export function takeIn(event: NewEvent): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const { organizationId } = event.ctx;
    const waiting = { event, text: JSON.stringify(event.data), resolve, reject };
    const lane = lanes.get(organizationId);
    if (lane) lane.push(waiting);
    else {
      const own = [waiting];
      lanes.set(organizationId, own);
      void drain(organizationId, own);
    }
  });
}

/** Never rejects: whatever happens is the answer to those who wait. */
async function drain(organizationId: OrganizationId, lane: Waiting[]): Promise<void> {
  while (lane.length > 0) {
    const batch = takeBatch(lane);
    try {
      const outcomes = await withTenant(organizationId, (tx) => store(tx, organizationId, batch));
      outcomes.forEach((outcome, i) => {
        batch[i]?.resolve(outcome);
      });
      // what there was no time for comes first in the next one
      lane.unshift(...batch.slice(outcomes.length));
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const waiting of batch) await alone(organizationId, waiting);
    }
  }
  lanes.delete(organizationId);
}

async function alone(organizationId: OrganizationId, waiting: Waiting): Promise<void> {
  try {
    const [outcome] = await withTenant(organizationId, (tx) => store(tx, organizationId, [waiting]));
    waiting.resolve(outcome as Outcome);
  } catch (error) {
    waiting.reject(error);
  }
}

function takeBatch(lane: Waiting[]): Waiting[] {
  let size = 0;
  let end = 0;
  while (end < lane.length && end < most.events && (end === 0 || size < most.size)) size += lane[end++]?.text.length ?? 0;
  return lane.splice(0, end);
}

/** The outcomes of the first events of a batch, of at least one. */
async function store(tx: Transaction, organizationId: OrganizationId, batch: readonly Waiting[]): Promise<Outcome[]> {
  const before = await publishedBefore(tx, organizationId, batch);
  const looks = new Map<string, Look>();
  const outcomes: Outcome[] = [];
  const fresh: { waiting: Waiting; outcome: Outcome; at: Date }[] = [];
  const began = performance.now();
  for (const waiting of batch) {
    if (outcomes.length > 0 && performance.now() - began > most.ms) break;
    const { id, type, subject, data } = waiting.event;
    let outcome = before.get(id);
    if (!outcome) {
      const look = looks.get(type) ?? (await lookAround(tx, organizationId, prefixesOf(type)));
      looks.set(type, look);
      outcome = await dispatchEvent(tx, organizationId, { type, subject, data, id, at: look.at.toISOString(), depth: 0, cause: [] }, look);
      fresh.push({ waiting, outcome, at: look.at });
    }
    outcomes.push(outcome);
  }
  if (fresh.length > 0) await insert(tx, organizationId, fresh);
  return outcomes;
}

async function insert(tx: Transaction, organizationId: OrganizationId, fresh: { waiting: Waiting; outcome: Outcome; at: Date }[]): Promise<void> {
  const of = <T>(pick: (each: NewEvent) => T) => fresh.map(({ waiting }) => pick(waiting.event));
  await tx.$executeRaw`
    INSERT INTO event (organization_id, id, type, subject, data, at, source, published_by, dispatched_at, outcome)
    SELECT ${organizationId}::uuid, x.id, x.type, x.subject, x.data, x.at, 'api', x.by, x.at, x.outcome
    FROM unnest(${of((e) => e.id)}::uuid[], ${of((e) => e.type)}::text[], ${of((e) => e.subject)}::text[], ${fresh.map((f) => f.waiting.text)}::text[],
                ${fresh.map((f) => f.at)}::timestamptz[], ${of((e) => e.ctx.actor.id)}::text[], ${fresh.map((f) => JSON.stringify(f.outcome))}::text[])
         x(id, type, subject, data, at, by, outcome)`;
  await auditMany(
    tx,
    fresh.map(({ waiting: { event }, outcome }) => ({
      ctx: event.ctx,
      action: 'event.publish',
      target: { type: 'event', id: event.id, name: event.type },
      // without the reasons: they may quote the data
      details: { runs: outcome.runs, leftOut: outcome.leftOut.map(({ workflow }) => workflow) },
    })),
  );
}

/** The outcomes of events that were published before the process that did it died. */
async function publishedBefore(tx: Transaction, organizationId: OrganizationId, batch: readonly Waiting[]): Promise<Map<string, Outcome>> {
  const ids = batch.filter(({ event }) => event.repeatable).map(({ event }) => event.id);
  if (ids.length === 0) return new Map();
  const rows = await tx.event.findMany({ where: { organizationId, id: { in: ids } }, select: { id: true, outcome: true } });
  return new Map(rows.flatMap(({ id, outcome }) => (outcome ? [[id, JSON.parse(outcome) as Outcome]] : [])));
}

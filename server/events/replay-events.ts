import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { Prisma } from '@/server/db/generated/client';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { requireWorkflow } from '@/server/workflows';
import { typesMatching } from './find-events';
import { idAfter, idBefore } from './id-bounds';
import { replayEventsInput } from './schema';

export interface ReplayedEvents {
  /** events that are dispatched again, or would be */
  events: number;
  /** the last one taken, when more match than `limit`: go on `after` it */
  nextAfter: string | null;
}

/**
 * Dispatches stored events again, oldest first: to one workflow, or to all whose trigger matches now. Each becomes an event of its own that names the
 * original (`replayOf`), which runs see too; replays are not replayed, and answer no waiting step. They are stored in one transaction, undispatched,
 * and the dispatchers take them from there. `options.id` makes a call that is repeated the same call: the first replay gets this id.
 */
export async function replayEvents(ctx: Context, input: z.input<typeof replayEventsInput>, options: { id?: string } = {}): Promise<ReplayedEvents> {
  authorize(ctx, 'event:replay');
  const { workflowId, dryRun, limit, ...range } = parseInput(replayEventsInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const workflow = workflowId === undefined ? undefined : await requireWorkflow(tx, ctx, workflowId);
    const matching = await matchingEvents(tx, ctx, range);
    const ids = matching ? await tx.$queryRaw<{ id: string }[]>`SELECT id FROM event WHERE ${matching} ORDER BY id LIMIT ${limit + 1}` : [];
    const taken = ids.slice(0, limit).map((row) => row.id);
    const first = options.id ?? uuid();
    const repeated = options.id !== undefined && (await tx.event.count({ where: { organizationId, id: options.id } })) > 0;
    if (!dryRun && taken.length > 0 && !repeated) {
      await tx.$executeRaw`
        INSERT INTO event (organization_id, id, type, subject, data, source, published_by, run_id, depth, cause, replay_of, only_workflow_id)
        SELECT e.organization_id, x.new, e.type, e.subject, e.data, 'replay', ${ctx.actor.id}, e.run_id, e.depth, e.cause, e.id, ${workflow?.id ?? null}::uuid
        FROM unnest(${taken}::uuid[], ${taken.map((_, i) => (i === 0 ? first : uuid()))}::uuid[]) x(old, new) JOIN event e ON e.organization_id = ${organizationId}::uuid AND e.id = x.old`;
      await tx.$executeRaw`SELECT pg_notify('heddle_event', ${organizationId})`;
      const target = workflow ? { type: 'workflow', id: workflow.id, name: workflow.title } : { type: 'organization', id: organizationId };
      await audit(tx, ctx, 'event.replay', target, { ...range, events: taken.length });
    }
    return { events: taken.length, nextAfter: ids.length > limit ? (taken.at(-1) ?? null) : null };
  });
}

/** The condition on the events to replay; undefined when no type matches. */
async function matchingEvents(
  tx: Transaction,
  { organizationId }: Context,
  { from, to, after, pattern, subject }: { from: string; to?: string; after?: string; pattern?: string; subject?: string },
): Promise<Prisma.Sql | undefined> {
  const [since, until] = [new Date(from), to === undefined ? new Date() : new Date(to)];
  const parts = [
    Prisma.sql`organization_id = ${organizationId}::uuid AND replay_of IS NULL AND at >= ${since} AND id >= ${idBefore(since)}::uuid
               AND id < ${idAfter(until)}::uuid`,
  ];
  if (to !== undefined) parts.push(Prisma.sql`at < ${until}`);
  if (after !== undefined) parts.push(Prisma.sql`id > ${after}::uuid`);
  if (subject !== undefined) parts.push(Prisma.sql`subject = ${subject}`);
  if (pattern !== undefined) {
    const types = pattern.includes('*') ? await typesMatching(tx, organizationId, pattern) : [pattern];
    if (types?.length === 0) return undefined;
    parts.push(types ? Prisma.sql`type = ANY(${types})` : Prisma.sql`event_matches(${pattern}, type)`);
  }
  return Prisma.join(parts, ' AND ');
}

import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { type OrganizationId, type Transaction, withTenant } from '@/server/db/transaction';
import { organizationLimit } from './internal';

/** lines and keys are counted up to this */
export const countedUpTo = 1_000;
const shownGates = 200;

/** A cap or a rate of a workflow, or of one value of its key. */
export interface GateState {
  name: string;
  workflow: { id: string; slug: string; title: string };
  /** the beginning of the hash of the key's value; null: it counts the whole workflow */
  key: string | null;
  concurrency: number | null;
  rate: { limit: number; ms: number } | null;
  running: number;
  /** at most `countedUpTo` */
  held: number;
  /** of a rate: when the next one may start */
  nextAt: string | null;
}

export interface Limits {
  organization: { concurrency: number | null; running: number /** ready, but at most `countedUpTo` */; waiting: number };
  projects: { id: string; slug: string; name: string; concurrency: number | null; running: number | null; held: number }[];
  /** those in use lately, full ones first */
  gates: GateState[];
  /** whether there are more gates than are listed */
  more: boolean;
}

interface GateRow {
  name: string;
  cap: number | null;
  running: number;
  rate: number | null;
  rate_ms: number | null;
  next_at: Date | null;
  held: number;
  id: string | null;
  slug: string | null;
  title: string | null;
}

/** The limits of the organization, its projects and workflows, how much of each is used, and how many runs they hold back. */
export async function getLimits(ctx: Context): Promise<Limits> {
  authorize(ctx, 'limit:read');
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const organization = { ...(await organizationLimit(tx, organizationId)), waiting: await waiting(tx, organizationId) };
    const rows = await gates(tx, organizationId);
    const projects = await tx.project.findMany({
      where: { organizationId },
      orderBy: { name: 'asc' },
      select: { id: true, slug: true, name: true, concurrency: true },
    });
    const ofProject = new Map(rows.filter((row) => row.name.startsWith('project:')).map((row) => [row.name.slice(8), row]));
    const others = rows.filter((row) => row.id !== null);
    return {
      organization,
      projects: projects.map((project) => {
        const gate = project.concurrency === null ? undefined : ofProject.get(project.id);
        return { ...project, running: project.concurrency === null ? null : (gate?.running ?? 0), held: gate?.held ?? 0 };
      }),
      gates: others.slice(0, shownGates).map(toState),
      more: others.length > shownGates,
    };
  });
}

function toState({ name, id, slug, title, cap, rate, rate_ms, running, held, next_at }: GateRow): GateState {
  const hash = name.split(':')[2];
  return {
    name,
    workflow: { id: id ?? '', slug: slug ?? '', title: title ?? '' },
    key: hash?.slice(0, 8) ?? null,
    concurrency: cap,
    rate: rate === null ? null : { limit: rate, ms: rate_ms ?? 0 },
    running,
    held,
    nextAt: next_at?.toISOString() ?? null,
  };
}

async function waiting(tx: Transaction, organizationId: OrganizationId): Promise<number> {
  const [row] = await tx.$queryRaw<{ n: number }[]>`
    SELECT count(*)::int AS n FROM (SELECT FROM run_queue WHERE organization_id = ${organizationId}::uuid AND state = 0 LIMIT ${countedUpTo}) x`;
  return row?.n ?? 0;
}

/** Gates with their lines: all of projects, and of workflows those that hold somebody back before the busy ones. */
function gates(tx: Transaction, organizationId: OrganizationId): Promise<GateRow[]> {
  return tx.$queryRaw<GateRow[]>`
    SELECT g.name, g.cap, g.running, g.rate, g.rate_ms, g.next_at, w.id, w.slug, w.title,
           (SELECT count(*)::int FROM (SELECT FROM run_queue q
              WHERE q.organization_id = g.organization_id AND q.state = 2 AND q.held_by = g.name LIMIT ${countedUpTo}) x) AS held
      FROM (SELECT * FROM queue_gate WHERE organization_id = ${organizationId}::uuid
             ORDER BY name LIKE 'project:%' DESC, next_at IS NOT NULL OR coalesce(running >= cap, false) DESC, running DESC, name LIMIT ${shownGates * 3 + 1}) g
      LEFT JOIN workflow w ON g.name NOT LIKE 'project:%' AND w.organization_id = g.organization_id AND w.id = split_part(g.name, ':', 2)::uuid
     ORDER BY held DESC, g.running DESC, g.name`;
}

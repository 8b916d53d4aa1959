import { allSteps, type Step } from '@/core/workflow/workflow';
import type { OrganizationId, Transaction } from '@/server/db/transaction';

/**
 * Which try of the loops around it a step is in, as `tryKey` of the engine says it: the attempts of those loops, and 1 for its own. A loop that is
 * tried again has one `step.failed` in the log for each earlier try.
 */
export async function triesOfLoops(
  tx: Transaction,
  { organizationId, runId }: { organizationId: OrganizationId; runId: string },
  steps: readonly Step[],
  { step, indices }: { step: string; indices: readonly number[] },
): Promise<string> {
  const loops = loopsAround(steps, step);
  const attempts = loops.map(() => 1);
  // the log is looked into when it can say anything else
  if (loops.some(({ retry, onError }) => retry !== undefined || onError?.kind === 'version')) {
    const paths = loops.map(
      ({ id }, depth) =>
        id +
        indices
          .slice(0, depth)
          .map((index) => `[${index}]`)
          .join(''),
    );
    const failures = await tx.runEvent.findMany({
      where: { organizationId, runId, type: 'step.failed', path: { in: paths } },
      orderBy: { seq: 'asc' },
      select: { path: true, seq: true },
    });
    let since = 0;
    for (const [depth, path] of paths.entries()) {
      // those of an inner loop count from the last try of the outer one
      const own = failures.filter((failure) => failure.path === path && failure.seq > since);
      attempts[depth] = own.length + 1;
      since = own.at(-1)?.seq ?? since;
    }
  }
  return [...attempts, 1].join('.');
}

/** Outer before inner. */
function loopsAround(steps: readonly Step[], id: string): Step[] {
  const outer = steps.find((each) => each.steps && allSteps(each.steps).some((inner) => inner.id === id));
  return outer ? [outer, ...loopsAround(outer.steps ?? [], id)] : [];
}

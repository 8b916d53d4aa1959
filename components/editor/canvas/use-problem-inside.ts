'use client';
import type { Problem } from '@/core/workflow/workflow';
import { isInside } from '../model/step-tree';
import { useStore } from '../model/use-store';
import { useSession } from '../session-context';

/** The worst problem of the steps inside a loop, for when it is folded; undefined of no loop. */
export function useProblemInside(loop: string | undefined): Problem | undefined {
  const session = useSession();
  return useStore(session.problems, ({ all }) => {
    if (loop === undefined) return undefined;
    const workflow = session.draft.workflow.get();
    const inside = all.filter((problem) => problem.step !== undefined && isInside(workflow, problem.step, loop));
    return inside.find((problem) => problem.severity === 'error') ?? inside[0];
  });
}

'use client';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { notifyDone, notifyError } from '@/components/ui/notify';
import type { RunFilter } from './run-filter';

export type BulkVerb = 'retry' | 'cancel';
type Target = { ids: string[] } | { filter: RunFilter };

interface Progress {
  verb: BulkVerb;
  done: number;
  skipped: number;
  failed: number;
  /** null of a filter: nobody has counted them */
  total: number | null;
}

const part = 50;

/** Does something to many runs, a part a call, so that it can be watched and stopped. */
export function useBulk(onDone: () => void): { progress: Progress | null; start: (verb: BulkVerb, target: Target) => Promise<void>; stop: () => void } {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const retry = useMutation(trpc.runs.retryMany.mutationOptions());
  const cancel = useMutation(trpc.runs.cancelMany.mutationOptions());
  const [progress, setProgress] = useState<Progress | null>(null);
  const stopped = useRef(false);
  const start = async (verb: BulkVerb, target: Target) => {
    stopped.current = false;
    const sum: Progress = { verb, done: 0, skipped: 0, failed: 0, total: 'ids' in target ? target.ids.length : null };
    setProgress(sum);
    const call = verb === 'retry' ? retry.mutateAsync : cancel.mutateAsync;
    let cursor: string | null = null;
    let problem: string | undefined;
    try {
      for (let at = 0; !stopped.current; at += part) {
        const ids: string[] | undefined = 'ids' in target ? target.ids.slice(at, at + part) : undefined;
        if (ids?.length === 0) break;
        const asked = ids ? { ids } : { filter: 'filter' in target ? target.filter : {}, cursor, limit: part };
        const answer = await call({ org, ...asked });
        sum.done += answer.done;
        sum.skipped += answer.skipped;
        sum.failed += answer.failed;
        problem ??= answer.problems[0]?.message;
        setProgress({ ...sum });
        cursor = answer.nextCursor;
        if (!ids && cursor === null) break;
      }
      const words = verb === 'retry' ? 'started again' : 'asked to stop';
      const count = `${sum.done.toLocaleString('en')} ${sum.done === 1 ? 'run was' : 'runs were'} ${words}.`;
      if (sum.failed > 0) notifyError({ message: `${count} ${sum.failed.toLocaleString('en')} could not: ${problem}`, data: {} }, 'Not all of them');
      else notifyDone(count);
    } catch (error) {
      notifyError(error, verb === 'retry' ? 'The runs were not all retried' : 'The runs were not all cancelled');
    } finally {
      setProgress(null);
      onDone();
    }
  };
  return {
    progress,
    start,
    stop: () => {
      stopped.current = true;
    },
  };
}

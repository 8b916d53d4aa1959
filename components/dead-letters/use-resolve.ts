'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { notifyDone, notifyError } from '@/components/ui/notify';
import type { DeadLetterFilter } from '@/server/dead-letters/schema';

/** Dead letters by their ids, or all open ones that a filter finds. */
export type Choice = { ids: string[] } | { filter: DeadLetterFilter };
type What = 'retry' | 'discard';

const atOnce = 100;
const words = { retry: 'retried', discard: 'discarded' };
const letters = (n: number) => (n === 1 ? '1 dead letter was' : `${n} dead letters were`);

/** A call takes a hundred ids. */
function batches(choice: Choice): Choice[] {
  if ('filter' in choice) return [choice];
  return Array.from({ length: Math.ceil(choice.ids.length / atOnce) }, (_, i) => ({ ids: choice.ids.slice(i * atOnce, (i + 1) * atOnce) }));
}

/** Retries or discards dead letters, all that were chosen, a hundred at a time; says what came of it. */
export function useResolve(onDone: () => void): { resolve(what: What, choice: Choice): Promise<void>; busy: What | null; done: number } {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const retry = useMutation(trpc.deadLetters.retry.mutationOptions());
  const discard = useMutation(trpc.deadLetters.discard.mutationOptions());
  const [busy, setBusy] = useState<What | null>(null);
  const [done, setDone] = useState(0);

  const once = async (what: What, choice: Choice) => {
    if (what === 'discard') {
      const { discarded, remaining } = await discard.mutateAsync({ org, ...choice });
      return { count: discarded.length, remaining, failed: [] };
    }
    const { retried, remaining, failed } = await retry.mutateAsync({ org, ...choice });
    return { count: retried.length, remaining, failed };
  };

  const resolve = async (what: What, choice: Choice) => {
    setBusy(what);
    let count = 0;
    try {
      for (const batch of batches(choice)) {
        for (let left = 1; left > 0; ) {
          const part = await once(what, batch);
          count += part.count;
          setDone(count);
          left = part.count > 0 ? part.remaining : 0;
          if (part.failed[0]) notifyError(new Error(part.failed[0].message), `${part.failed.length} could not be retried`);
        }
      }
      if (count > 0) notifyDone(`${letters(count)} ${words[what]}.`);
    } catch (error) {
      notifyError(error, `${letters(count)} ${words[what]}, then it stopped`);
    } finally {
      setBusy(null);
      setDone(0);
      await queries.invalidateQueries({ queryKey: trpc.deadLetters.pathKey() });
      onDone();
    }
  };
  return { resolve, busy, done };
}

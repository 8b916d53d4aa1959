'use client';
import { VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import classes from './dead-letters.module.css';

/** How many dead letters are open; nothing when there are none. */
export function DeadLetterCount() {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const { data } = useQuery({ ...trpc.deadLetters.count.queryOptions({ org }), refetchInterval: 30_000, retry: false });
  if (!data || data.open === 0) return null;
  return (
    <b className={classes.count}>
      {data.open >= 100 ? '99+' : data.open}
      <VisuallyHidden> open</VisuallyHidden>
    </b>
  );
}

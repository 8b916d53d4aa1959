'use client';
import { VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import classes from './approvals.module.css';

/** How many approvals wait for the signed-in person; nothing when there are none. */
export function ApprovalCount() {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const { data } = useQuery({ ...trpc.approvals.count.queryOptions({ org }), refetchInterval: 20_000, retry: false });
  if (!data || data.mine === 0) return null;
  return (
    <b className={classes.count}>
      {data.mine >= 100 ? '99+' : data.mine}
      <VisuallyHidden> waiting for you</VisuallyHidden>
    </b>
  );
}

'use client';
import { IconHistory, IconSchema } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { RunTable } from '@/components/runs/run-table';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import { QueryState } from '@/components/ui/query-state';
import { NewWorkflowMenu } from '@/components/workflows/new-workflow-menu';
import { WorkflowTable } from '@/components/workflows/workflow-list';

const limit = 5;

/** The workflows changed last. */
export function RecentWorkflows({ initial }: { initial: ApiOutputs['workflows']['list'] | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.workflows.list.queryOptions({ org, limit }), initialData: initial });
  return (
    <QueryState query={query} rows={3}>
      {({ items }) =>
        items.length > 0 ? (
          <WorkflowTable items={items} />
        ) : (
          <EmptyState icon={<IconSchema size={22} />} title="No workflows yet" action={<NewWorkflowMenu look="button" />}>
            Start from a blank canvas or from a template.
          </EmptyState>
        )
      }
    </QueryState>
  );
}

/** The latest runs, live. */
export function RecentRuns({ initial }: { initial: ApiOutputs['runs']['list'] | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const options = trpc.runs.list.queryOptions({ org, limit });
  const query = useQuery({ ...options, initialData: initial });
  useSubscription(
    trpc.runs.onList.subscriptionOptions(
      { org, limit },
      { onData: (items) => queryClient.setQueryData(options.queryKey, (old) => ({ nextCursor: old?.nextCursor ?? null, items })) },
    ),
  );
  return (
    <QueryState query={query} rows={3}>
      {({ items }) =>
        items.length > 0 ? (
          <RunTable items={items} withWorkflow />
        ) : (
          <EmptyState icon={<IconHistory size={22} />} title="No runs yet">
            Open a workflow and press Run.
          </EmptyState>
        )
      }
    </QueryState>
  );
}

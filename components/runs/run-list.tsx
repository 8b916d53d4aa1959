'use client';
import { Button, SegmentedControl, Select } from '@mantine/core';
import { IconHistory, IconPlugOff } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import list from '@/components/ui/list.module.css';
import { QueryState } from '@/components/ui/query-state';
import { mergeLivePage } from './merge-live-page';
import { RunTable } from './run-table';
import { runFilters } from './run-words';

type Page = ApiOutputs['runs']['list'];
const limit = 30;

/** Runs, newest first, live; filters stand in the address, so that a filtered list can be shared. */
export function RunList({ initial, workflowId: fixedWorkflow }: { initial: Page | undefined; workflowId?: string }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const parameters = useSearchParams();
  const filter = runFilters.find(({ value }) => value === parameters.get('status')) ?? runFilters[0];
  const workflowId = fixedWorkflow ?? parameters.get('workflow') ?? undefined;
  const status = filter?.status ?? [];
  const input = { org, limit, ...(status.length > 0 ? { status } : {}), ...(workflowId ? { workflowId } : {}) };
  const options = trpc.runs.list.infiniteQueryOptions(input, { getNextPageParam: (page) => page.nextCursor });
  const query = useInfiniteQuery({ ...options, ...(initial ? { initialData: { pages: [initial], pageParams: [null] } } : {}) });
  const live = useSubscription(
    trpc.runs.onList.subscriptionOptions(input, {
      onData: (items) => {
        queryClient.setQueryData(options.queryKey, (old) => (old ? { ...old, pages: mergeLivePage(old.pages, items, limit) } : old));
      },
    }),
  );
  return (
    <>
      <Filters status={filter?.value ?? 'all'} workflowId={fixedWorkflow ? null : (workflowId ?? '')} />
      {live.status === 'error' ? (
        <p className={list.dim} role="status">
          <IconPlugOff size={14} aria-hidden /> Not live at the moment: the connection was lost.
        </p>
      ) : null}
      <QueryState query={query}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <NoRuns filtered={status.length > 0} />;
          return (
            <>
              <RunTable items={items} withWorkflow={!fixedWorkflow} />
              {query.hasNextPage ? (
                <div className={list.more}>
                  <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    Show older runs
                  </Button>
                </div>
              ) : null}
            </>
          );
        }}
      </QueryState>
    </>
  );
}

function NoRuns({ filtered }: { filtered: boolean }) {
  return (
    <EmptyState icon={<IconHistory size={22} />} title={filtered ? 'No such runs' : 'No runs yet'}>
      {filtered ? 'No run has this status. Choose another filter.' : 'Open a workflow and press Run; every run and each of its steps is kept here.'}
    </EmptyState>
  );
}

function Filters({ status, workflowId }: { status: string; workflowId: string | null }) {
  const router = useRouter();
  const path = usePathname();
  const parameters = useSearchParams();
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(parameters);
    if (value && value !== 'all') next.set(name, value);
    else next.delete(name);
    router.replace(next.size > 0 ? `${path}?${next}` : path, { scroll: false });
  };
  return (
    <div className={list.toolbar}>
      <SegmentedControl
        aria-label="Status"
        size="xs"
        data={runFilters.map(({ value, label }) => ({ value, label }))}
        value={status}
        onChange={(value) => set('status', value)}
      />
      {workflowId === null ? null : <WorkflowFilter value={workflowId} onChange={(value) => set('workflow', value)} />}
    </div>
  );
}

function WorkflowFilter({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const { data } = useQuery(trpc.workflows.list.queryOptions({ org, limit: 100 }));
  const options = (data?.items ?? []).map(({ id, title }) => ({ value: id, label: title }));
  return (
    <Select
      aria-label="Workflow"
      size="xs"
      data={[{ value: '', label: 'All workflows' }, ...options]}
      value={value}
      onChange={(id) => onChange(id ?? '')}
      searchable
      nothingFoundMessage="No workflow by that name"
      w={{ base: '100%', xs: 220 }}
    />
  );
}

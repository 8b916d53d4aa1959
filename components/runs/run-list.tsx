'use client';
import { Button } from '@mantine/core';
import { IconHistory, IconPlugOff } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { useSearchParams } from 'next/navigation';
import { useMemo, useState } from 'react';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import list from '@/components/ui/list.module.css';
import { QueryState } from '@/components/ui/query-state';
import { BulkBar } from './bulk-bar';
import { mergeLivePage } from './merge-live-page';
import { filterOf } from './run-filter';
import { RunFilters } from './run-filters';
import { RunTable } from './run-table';

type Page = ApiOutputs['runs']['list'];
const limit = 30;

/** Runs, newest first, live; filters stand in the address, so that a filtered list can be shared. */
export function RunList({ initial, workflowId: fixedWorkflow }: { initial: Page | undefined; workflowId?: string }) {
  const { slug: org, can } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const parameters = useSearchParams().toString();
  const filter = useMemo(() => {
    const given = Object.fromEntries(new URLSearchParams(parameters));
    return filterOf({ ...given, ...(fixedWorkflow ? { workflow: fixedWorkflow } : {}) }, Date.now());
  }, [parameters, fixedWorkflow]);
  const input = { org, limit, ...filter };
  const options = trpc.runs.list.infiniteQueryOptions(input, { getNextPageParam: (page) => page.nextCursor });
  const query = useInfiniteQuery({ ...options, ...(initial ? { initialData: { pages: [initial], pageParams: [null] } } : {}) });
  // words are looked for in many messages: not every second
  const live = useSubscription({
    ...trpc.runs.onList.subscriptionOptions(input, {
      onData: (items) => {
        queryClient.setQueryData(options.queryKey, (old) => (old ? { ...old, pages: mergeLivePage(old.pages, items, limit) } : old));
      },
    }),
    enabled: !filter.errorText,
  });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const selectable = can('run:retry') || can('run:cancel');
  const filtered = Object.keys(filter).length > (fixedWorkflow ? 1 : 0);
  return (
    <>
      <RunFilters withWorkflow={!fixedWorkflow} />
      {live.status === 'error' ? (
        <p className={list.dim} role="status">
          <IconPlugOff size={14} aria-hidden /> Not live at the moment: the connection was lost.
        </p>
      ) : null}
      <QueryState query={query}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return (
            <>
              <BulkBar
                items={items.filter((run) => selected.has(run.id))}
                filter={filter}
                all={items.length > 0 && items.every((run) => selected.has(run.id))}
                more={query.hasNextPage}
                onDone={() => {
                  setSelected(new Set());
                  void queryClient.invalidateQueries({ queryKey: trpc.runs.list.pathKey() });
                }}
              />
              {items.length === 0 ? (
                <NoRuns filtered={filtered} />
              ) : (
                <RunTable items={items} withWorkflow={!fixedWorkflow} {...(selectable ? { selected, onSelect: setSelected } : {})} />
              )}
              {query.hasNextPage ? (
                <div className={list.more}>
                  <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    {items.length === 0 ? 'Look further back' : 'Show older runs'}
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
      {filtered ? 'No run fits these filters. Choose others.' : 'Open a workflow and press Run; every run and each of its steps is kept here.'}
    </EmptyState>
  );
}

'use client';
import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconMailOff, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import list from '@/components/ui/list.module.css';
import { QueryState } from '@/components/ui/query-state';
import { useAddressFilter } from '@/components/ui/use-address-filter';
import { readDeadLetterFilter } from './dead-letter-filter';
import { DeadLetterTable } from './dead-letter-table';

type Page = ApiOutputs['deadLetters']['list'];
type Filter = ReturnType<typeof readDeadLetterFilter>;

/** Dead letters, the newest first; filters stand in the address. Open ones are chosen and resolved together. */
export function DeadLetterList({ initial }: { initial: Page | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const filter = readDeadLetterFilter(useSearchParams());
  const query = useInfiniteQuery({
    ...trpc.deadLetters.list.infiniteQueryOptions({ org, limit: 50, ...filter }, { getNextPageParam: (page) => page.nextCursor }),
    ...(initial ? { initialData: { pages: [initial], pageParams: [null] } } : {}),
    refetchInterval: 15_000,
  });
  return (
    <>
      <Filters filter={filter} />
      <QueryState query={query} rows={4}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <NoLetters filter={filter} />;
          return (
            <>
              <DeadLetterTable key={JSON.stringify(filter)} items={items} filter={filter} more={query.hasNextPage} />
              {query.hasNextPage ? (
                <div className={list.more}>
                  <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    Show older ones
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

function NoLetters({ filter: { status, reason, q } }: { filter: Filter }) {
  const filtered = Boolean(q ?? reason);
  const title = filtered ? 'Nothing found' : status === 'open' ? 'No dead letters' : `None was ${status}`;
  return (
    <EmptyState icon={<IconMailOff size={22} />} title={title}>
      {filtered
        ? 'No dead letter fits this search. It looks into messages, codes, steps and workflows, and takes the id of a run.'
        : status === 'open'
          ? 'A run comes here when a step has failed at every retry, or when the run killed the processes that executed it. From here it is retried or put aside.'
          : 'What you retry or discard is kept here, with who did it and when.'}
    </EmptyState>
  );
}

function Filters({ filter }: { filter: Filter }) {
  const setFilter = useAddressFilter();
  const [text, setText] = useState(filter.q ?? '');
  const set = (name: string, value: string, usual: string) => setFilter({ [name]: value }, { [name]: usual });
  const search = useDebouncedCallback((value: string) => set('q', value.trim(), ''), 300);
  return (
    <div className={list.toolbar}>
      <SegmentedControl
        aria-label="Status"
        size="xs"
        data={[
          { value: 'open', label: 'Open' },
          { value: 'retried', label: 'Retried' },
          { value: 'discarded', label: 'Discarded' },
        ]}
        value={filter.status}
        onChange={(value) => set('status', value, 'open')}
      />
      <Select
        aria-label="Reason"
        size="xs"
        data={[
          { value: '', label: 'Any reason' },
          { value: 'exhausted', label: 'Retries exhausted' },
          { value: 'poisoned', label: 'Poisoned' },
        ]}
        value={filter.reason ?? ''}
        onChange={(value) => set('reason', value ?? '', '')}
        allowDeselect={false}
        w={{ base: '100%', xs: 170 }}
      />
      <TextInput
        aria-label="Search dead letters"
        placeholder="Message, step, workflow or run id"
        size="xs"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={({ currentTarget: { value } }) => {
          setText(value);
          search(value);
        }}
        w={{ base: '100%', xs: 260 }}
      />
    </div>
  );
}

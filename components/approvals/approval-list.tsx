'use client';
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch, IconUserCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import list from '@/components/ui/list.module.css';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { useAddressFilter } from '@/components/ui/use-address-filter';
import { ApprovalBadge } from './approval-badge';
import { readApprovalFilter } from './approval-filter';
import classes from './approvals.module.css';
import { assigneeWords } from './assignee-words';

type Page = ApiOutputs['approvals']['list'];
type Approval = Page['items'][number];

/** Approvals, the newest first; filters stand in the address. */
export function ApprovalList({ initial }: { initial: Page | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const filter = readApprovalFilter(useSearchParams());
  const query = useInfiniteQuery({
    ...trpc.approvals.list.infiniteQueryOptions({ org, limit: 30, ...filter }, { getNextPageParam: (page) => page.nextCursor }),
    ...(initial ? { initialData: { pages: [initial], pageParams: [null] } } : {}),
    refetchInterval: 10_000,
  });
  return (
    <>
      <Filters filter={filter} />
      <QueryState query={query} rows={4}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <NoApprovals filter={filter} />;
          return (
            <>
              <Table items={items} open={filter.status === 'open'} />
              {query.hasNextPage ? (
                <div className={list.more}>
                  <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    Show older approvals
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

type Filter = ReturnType<typeof readApprovalFilter>;

function NoApprovals({ filter: { scope, status, search } }: { filter: Filter }) {
  const open = status === 'open';
  const title = search ? 'Nothing found' : open ? (scope === 'mine' ? 'Nothing waits for you' : 'Nothing waits') : 'Nothing decided yet';
  return (
    <EmptyState icon={<IconUserCheck size={22} />} title={title}>
      {search
        ? 'No approval has these words in its question, its message or the title of its workflow.'
        : open
          ? 'A run with an Approval step asks people here, and waits for their decision.'
          : 'What was approved, rejected or expired is kept here, with who decided and why.'}
    </EmptyState>
  );
}

function Filters({ filter }: { filter: Filter }) {
  const setFilter = useAddressFilter();
  const [text, setText] = useState(filter.search ?? '');
  const set = (name: string, value: string, usual: string) => setFilter({ [name]: value }, { [name]: usual });
  const search = useDebouncedCallback((value: string) => set('search', value.trim(), ''), 300);
  return (
    <div className={list.toolbar}>
      <SegmentedControl
        aria-label="Whose"
        size="xs"
        data={[
          { value: 'mine', label: 'For me' },
          { value: 'all', label: 'All' },
        ]}
        value={filter.scope}
        onChange={(value) => set('scope', value, 'mine')}
      />
      <SegmentedControl
        aria-label="Status"
        size="xs"
        data={[
          { value: 'open', label: 'Open' },
          { value: 'decided', label: 'Decided' },
        ]}
        value={filter.status}
        onChange={(value) => set('status', value, 'open')}
      />
      <TextInput
        aria-label="Search approvals"
        placeholder="Search"
        size="xs"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={({ currentTarget: { value } }) => {
          setText(value);
          search(value);
        }}
        w={{ base: '100%', xs: 220 }}
      />
    </div>
  );
}

/** On a phone a row has room for its question and one fact: of open ones the deadline, of the others what was decided. */
function Table({ items, open }: { items: Approval[]; open: boolean }) {
  return (
    <div className={list.frame}>
      <table className={list.table}>
        <thead>
          <tr>
            <th scope="col">Question</th>
            <th scope="col" className={open ? list.wide : undefined}>
              Status
            </th>
            <th scope="col" className={list.wide}>
              Asked
            </th>
            <th scope="col" className={open ? list.end : `${list.end} ${list.wide}`}>
              {open ? 'Deadline' : 'Decided'}
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((approval) => (
            <Row key={approval.id} approval={approval} open={open} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ approval, open }: { approval: Approval; open: boolean }) {
  const { slug: org } = useOrganization();
  const { id, title, status, workflow, assignees, decidedBy, comment, createdAt, deadline, decidedAt } = approval;
  const moment = open ? deadline : decidedAt;
  const who = decidedBy ? `by ${decidedBy}${comment ? `: ${comment}` : ''}` : `asks ${assigneeWords(assignees)}`;
  return (
    <tr className={list.row}>
      <td className={list.main}>
        <span className={`${list.clip} ${classes.question}`}>
          <Link href={`/${org}/approvals/${id}`} className={list.link}>
            {title}
          </Link>
        </span>
        <span className={`${list.dim} ${list.clip}`}>
          {workflow ? `${workflow.title} · ` : ''}
          {who}
        </span>
      </td>
      <td className={open ? list.wide : undefined}>
        <ApprovalBadge status={status} />
      </td>
      <td className={list.wide}>
        <span className={list.dim}>
          <RelativeTime at={createdAt} />
        </span>
      </td>
      <td className={open ? list.end : `${list.end} ${list.wide}`}>
        <span className={list.dim}>{moment ? <RelativeTime at={moment} /> : '–'}</span>
      </td>
    </tr>
  );
}

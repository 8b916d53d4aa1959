'use client';
import { Button, Select } from '@mantine/core';
import { IconChevronRight, IconListSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import { JsonView } from '@/components/ui/json-view';
import list from '@/components/ui/list.module.css';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import classes from './audit.module.css';

type Page = ApiOutputs['audit']['list'];
type Entry = Page['items'][number];

const actions = [
  { value: '', label: 'Everything' },
  { value: 'workflow.', label: 'Workflows' },
  { value: 'run.', label: 'Runs' },
  { value: 'member.', label: 'Members' },
  { value: 'organization.', label: 'Organization' },
  { value: 'project.', label: 'Projects' },
  { value: 'api-key.', label: 'API keys' },
  { value: 'credential.', label: 'Credentials' },
  { value: 'circuit.', label: 'Circuit breakers' },
  { value: 'limit.', label: 'Limits' },
];
const spans = [
  { value: '', label: 'Any time' },
  { value: '1', label: 'Last 24 hours' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
];

/** Who did what and when, newest first. */
export function AuditList({ initial }: { initial: Page | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const [action, setAction] = useState('');
  const [days, setDays] = useState('');
  const [from, setFrom] = useState<string | undefined>();
  const chooseSpan = (value: string | null) => {
    setDays(value ?? '');
    setFrom(value ? new Date(Date.now() - Number(value) * 86_400_000).toISOString() : undefined);
  };
  const input = { org, limit: 50, ...(action ? { action } : {}), ...(from ? { from } : {}) };
  const query = useInfiniteQuery({
    ...trpc.audit.list.infiniteQueryOptions(input, { getNextPageParam: (page) => page.nextCursor }),
    ...(initial && !action && !from ? { initialData: { pages: [initial], pageParams: [null] } } : {}),
  });
  return (
    <>
      <div className={list.toolbar}>
        <Select aria-label="Kind of event" size="xs" w={180} data={actions} value={action} onChange={(value) => setAction(value ?? '')} />
        <Select aria-label="Time" size="xs" w={160} data={spans} value={days} onChange={chooseSpan} />
      </div>
      <QueryState query={query}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) {
            return (
              <EmptyState icon={<IconListSearch size={22} />} title="No such events">
                Nothing of this kind happened in this time.
              </EmptyState>
            );
          }
          return (
            <>
              <AuditTable items={items} />
              {query.hasNextPage ? (
                <div className={list.more}>
                  <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    Show older events
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

function AuditTable({ items }: { items: Entry[] }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <div className={list.frame}>
      <table className={list.table}>
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col" className={list.wide}>
              By
            </th>
            <th scope="col" className={list.end}>
              When
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => (
            <Fragment key={entry.id}>
              <tr className={list.row}>
                <td className={list.main}>
                  <button type="button" className={classes.open} aria-expanded={open === entry.id} onClick={() => setOpen(open === entry.id ? null : entry.id)}>
                    <IconChevronRight size={14} aria-hidden className={classes.caret} />
                    <span className={list.clip}>
                      <b>{sentence(entry)}</b>
                    </span>
                  </button>
                </td>
                <td className={list.wide}>
                  <span className={list.dim}>{entry.actor.name || entry.actor.type}</span>
                </td>
                <td className={list.end}>
                  <span className={`${list.dim} ${list.above}`}>
                    <RelativeTime at={entry.at} />
                  </span>
                </td>
              </tr>
              {open === entry.id ? (
                <tr>
                  <td colSpan={3}>
                    <Details entry={entry} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const past: Record<string, string> = {
  create: 'created',
  update: 'changed',
  delete: 'deleted',
  restore: 'restored',
  publish: 'published',
  start: 'started',
  execute: 'started',
  cancel: 'cancelled',
  retry: 'retried',
  retry_many: 'retried in bulk',
  cancel_many: 'cancelled in bulk',
  pause: 'paused',
  resume: 'resumed',
  rerun: 'run again from a step',
  replay: 'replayed',
  fork: 'forked',
  reset: 'reset',
  trip: 'opened by hand',
  revoke: 'revoked',
  rename: 'renamed',
  remove: 'removed',
  import: 'imported',
  save: 'saved',
};

/** `workflow.publish` on "Order intake" reads: Workflow published: Order intake. */
function sentence(entry: Entry): string {
  const [what = '', verb = ''] = entry.action.split('.');
  const subject = what === 'api-key' ? 'API key' : what.charAt(0).toUpperCase() + what.slice(1);
  const words = past[verb] ?? verb.replace(/-/g, ' ');
  return `${subject} ${words}${entry.target.name ? `: ${entry.target.name}` : ''}`;
}

function Details({ entry }: { entry: Entry }) {
  const facts: [string, string][] = [
    ['Action', entry.action],
    ['By', `${entry.actor.name || entry.actor.type} (${entry.actor.type})`],
    ['On', `${entry.target.type} ${entry.target.id}`],
    ['From', entry.address || 'not known'],
    ['At', new Date(entry.at).toISOString()],
    ['Event id', entry.id],
  ];
  return (
    <div className={classes.details}>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <JsonView value={entry.details} label="Details of the event" maxHeight={240} />
    </div>
  );
}

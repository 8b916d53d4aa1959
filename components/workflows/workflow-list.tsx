'use client';
import { ActionIcon, Button, Menu, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDots, IconDownload, IconHistory, IconSchema, IconSearch, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import list from '@/components/ui/list.module.css';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { StatusBadge } from '@/components/ui/status-badge';
import { NewWorkflowMenu } from './new-workflow-menu';
import { useDeleteWorkflow } from './use-delete-workflow';
import { useDownloadAwl } from './use-download-awl';

type Page = ApiOutputs['workflows']['list'];
export type WorkflowSummary = Page['items'][number];

/** The workflows of the organization: search, last run, more on request. */
export function WorkflowList({ initial, project }: { initial: Page | undefined; project?: string }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const [search, setSearch] = useState('');
  const [text] = useDebouncedValue(search.trim(), 200);
  const input = { org, limit: 30, ...(project ? { project } : {}), ...(text ? { text } : {}) };
  const query = useInfiniteQuery({
    ...trpc.workflows.list.infiniteQueryOptions(input, { getNextPageParam: (page) => page.nextCursor }),
    ...(initial && !text ? { initialData: { pages: [initial], pageParams: [null] } } : {}),
    placeholderData: (previous) => previous,
  });
  return (
    <>
      <search className={list.toolbar}>
        <TextInput
          aria-label="Search workflows"
          placeholder="Search by name"
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          w={{ base: '100%', sm: 280 }}
          type="search"
        />
      </search>
      <QueryState query={query}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return text ? <NothingFound text={text} /> : <NoWorkflows />;
          return (
            <>
              <WorkflowTable items={items} />
              {query.hasNextPage ? (
                <div className={list.more}>
                  <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    Show more
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

function NothingFound({ text }: { text: string }) {
  return (
    <EmptyState icon={<IconSearch size={22} />} title="Nothing found">
      No workflow has “{text}” in its name.
    </EmptyState>
  );
}

function NoWorkflows() {
  return (
    <EmptyState icon={<IconSchema size={22} />} title="No workflows yet" action={<NewWorkflowMenu look="button" />}>
      A workflow is a drawing of what should happen. Start from a blank canvas or from a template.
    </EmptyState>
  );
}

/** Rows of workflows; the whole row opens the editor. */
export function WorkflowTable({ items }: { items: WorkflowSummary[] }) {
  return (
    <div className={list.frame}>
      <table className={list.table}>
        <thead>
          <tr>
            <th scope="col">Workflow</th>
            <th scope="col">Last run</th>
            <th scope="col" className={list.wide}>
              Version
            </th>
            <th scope="col" className={list.wide}>
              Changed
            </th>
            <th scope="col" className={list.last}>
              <VisuallyHidden>Actions</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((workflow) => (
            <WorkflowRow key={workflow.id} workflow={workflow} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function WorkflowRow({ workflow }: { workflow: WorkflowSummary }) {
  const { slug: org } = useOrganization();
  const steps = `${workflow.steps} ${workflow.steps === 1 ? 'step' : 'steps'}`;
  return (
    <tr className={list.row}>
      <td className={list.main}>
        <span className={list.clip}>
          <Link href={`/${org}/workflows/${workflow.id}`} className={list.link}>
            {workflow.title}
          </Link>
        </span>
        <span className={`${list.dim} ${list.clip}`}>{workflow.description || [steps, ...workflow.triggers].join(' · ')}</span>
      </td>
      <td>{workflow.lastRun ? <LastRun org={org} run={workflow.lastRun} /> : <span className={list.dim}>Never run</span>}</td>
      <td className={list.wide}>
        <span className={list.dim}>{workflow.version === null ? 'Draft' : `Version ${workflow.version}`}</span>
      </td>
      <td className={list.wide}>
        <span className={list.dim}>
          <RelativeTime at={workflow.updatedAt} />
        </span>
      </td>
      <td className={`${list.end} ${list.last}`}>
        <WorkflowMenu workflow={workflow} />
      </td>
    </tr>
  );
}

function LastRun({ org, run }: { org: string; run: NonNullable<WorkflowSummary['lastRun']> }) {
  return (
    <Link href={`/${org}/runs/${run.id}`} className={list.above} style={{ display: 'inline-flex', borderRadius: 16, textDecoration: 'none' }}>
      <StatusBadge status={run.status} />
    </Link>
  );
}

function WorkflowMenu({ workflow }: { workflow: WorkflowSummary }) {
  const { slug: org, can, whyNot } = useOrganization();
  const remove = useDeleteWorkflow();
  const download = useDownloadAwl();
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon className={list.above} aria-label={`More about ${workflow.title}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconHistory size={16} />} component={Link} href={`/${org}/workflows/${workflow.id}/runs`}>
          Runs
        </Menu.Item>
        <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => void download(workflow)}>
          Download AWL
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconTrash size={16} />}
          color="red"
          disabled={!can('workflow:delete')}
          title={can('workflow:delete') ? undefined : whyNot('workflow:delete')}
          onClick={() => remove(workflow)}
        >
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

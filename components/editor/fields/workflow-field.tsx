'use client';
import { ActionIcon, Select, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconExternalLink } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/components/api/trpc-client';
import { useSession } from '../session-context';
import type { LabelledFieldProps } from './field-props';
import classes from './fields.module.css';

/** Another workflow of the project, by its slug; opens it in a new tab. */
export function WorkflowField({ label, help, value, required, problem, disabled, onChange }: LabelledFieldProps) {
  const { org, project, workflowId } = useSession();
  const [search, setSearch] = useState('');
  const [text] = useDebouncedValue(search.trim(), 200);
  const chosen = typeof value === 'string' && value !== '' ? value : undefined;
  const trpc = useTRPC();
  const list = useQuery(
    trpc.workflows.list.queryOptions(
      { org, project: project.slug, limit: 100, ...(text ? { text } : {}) },
      { staleTime: 30_000, placeholderData: keepPreviousData },
    ),
  );
  const found = list.data?.items ?? [];
  const exact = useQuery(
    trpc.workflows.list.queryOptions({ org, project: project.slug, slug: chosen ?? '-', limit: 1 }, { enabled: chosen !== undefined, staleTime: 30_000 }),
  );
  const current = found.find((each) => each.slug === chosen) ?? exact.data?.items[0];
  const data = found.map((each) => ({
    value: each.slug,
    label: `${each.title}${each.id === workflowId ? ' (this one)' : each.version === null ? ' (not published)' : ''}`,
  }));
  if (chosen && !data.some((each) => each.value === chosen)) data.unshift({ value: chosen, label: current?.title ?? chosen });
  const missing = chosen && exact.data && !current ? `There is no workflow “${chosen}” in this project.` : undefined;
  return (
    <div className={classes.beside}>
      <Select
        label={label}
        description={help}
        required={required}
        disabled={disabled}
        error={problem ?? missing}
        data={data}
        placeholder="Choose a workflow"
        nothingFoundMessage={list.isPending ? 'Looking…' : 'No workflow of this name'}
        searchable
        filter={({ options }) => options}
        onSearchChange={(next) => setSearch(data.some((each) => each.label === next) ? '' : next)}
        value={chosen ?? null}
        onChange={(next) => onChange(next ?? undefined)}
      />
      {current ? (
        <Tooltip label="Open it in a new tab">
          <ActionIcon
            component="a"
            href={`/${org}/workflows/${current.id}`}
            target="_blank"
            rel="noreferrer"
            size={36}
            aria-label={`Open ${current.title} in a new tab`}
          >
            <IconExternalLink size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      ) : null}
    </div>
  );
}

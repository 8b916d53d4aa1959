'use client';
import { Button, Popover, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import list from '@/components/ui/list.module.css';
import { useAddressFilter } from '@/components/ui/use-address-filter';
import { spans } from './run-filter';
import { runFilters } from './run-words';

/** The filters above a list of runs; they stand in the address. */
export function RunFilters({ withWorkflow }: { withWorkflow: boolean }) {
  const parameters = useSearchParams();
  const setFilter = useAddressFilter();
  const set = (changes: Record<string, string>) => setFilter(changes, { status: 'all' });
  return (
    <div className={list.toolbar}>
      <Select
        aria-label="Status"
        size="xs"
        w={{ base: 'calc(50% - 4px)', xs: 150 }}
        hiddenFrom="sm"
        data={runFilters.map(({ value, label }) => ({ value, label }))}
        value={parameters.get('status') ?? 'all'}
        onChange={(value) => set({ status: value ?? 'all' })}
        allowDeselect={false}
      />
      <SegmentedControl
        aria-label="Status"
        size="xs"
        visibleFrom="sm"
        data={runFilters.map(({ value, label }) => ({ value, label }))}
        value={parameters.get('status') ?? 'all'}
        onChange={(value) => set({ status: value })}
      />
      {withWorkflow ? <WorkflowFilter value={parameters.get('workflow') ?? ''} onChange={(workflow) => set({ workflow })} /> : null}
      <Select
        aria-label="Time"
        size="xs"
        w={{ base: 'calc(50% - 4px)', xs: 140 }}
        data={spans.map(({ value, label }) => ({ value, label }))}
        value={parameters.get('since') ?? ''}
        onChange={(since) => set({ since: since ?? '' })}
        allowDeselect={false}
      />
      <ErrorFilter code={parameters.get('code') ?? ''} text={parameters.get('text') ?? ''} onChange={set} />
    </div>
  );
}

function ErrorFilter({ code, text, onChange }: { code: string; text: string; onChange: (changes: { code: string; text: string }) => void }) {
  const [opened, setOpened] = useState(false);
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onChange({ code: String(form.get('code') ?? '').trim(), text: String(form.get('text') ?? '').trim() });
    setOpened(false);
  };
  const shown = [code, text && `“${text}”`].filter(Boolean).join(', ');
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" width={280} trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          variant={shown ? 'light' : 'default'}
          leftSection={<IconFilter size={14} />}
          aria-expanded={opened}
          maw={260}
          onClick={() => setOpened(!opened)}
        >
          {shown ? `Error: ${shown}` : 'Error'}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={apply}>
          <Stack gap="sm">
            <TextInput name="code" label="Code" placeholder="timeout" defaultValue={code} maxLength={100} data-autofocus />
            <TextInput name="text" label="Words in the message" defaultValue={text} maxLength={200} />
            <Button type="submit" size="xs">
              Show these
            </Button>
            {shown ? (
              <Button
                size="xs"
                variant="subtle"
                onClick={() => {
                  onChange({ code: '', text: '' });
                  setOpened(false);
                }}
              >
                Clear
              </Button>
            ) : null}
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
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
      w={{ base: 'calc(50% - 4px)', xs: 200 }}
    />
  );
}

'use client';
import { Button, Checkbox, Group, JsonInput, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { notifyDone } from '@/components/ui/notify';
import type { RunView } from '@/core/runs/fold-run';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import type { AgainKind } from './again-dialog';
import { AgainPreview } from './again-preview';
import { parseJson } from './parse-json';
import type { RunDetail } from './use-live-run';

interface Props {
  kind: AgainKind;
  from: string | undefined;
  run: RunDetail;
  view: RunView;
  onClose: () => void;
}

const text = (value: Json | undefined): string => JSON.stringify(value ?? null, null, 2);

/** Where the new run begins, on which version, and what is changed for it. */
export function AgainForm({ kind, from: offered, run, view, onClose }: Props) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const router = useRouter();
  const steps = view.steps.filter((s) => !s.path.includes('['));
  const outermost = offered ? (run.bodies[offered]?.loops[0] ?? offered) : undefined;
  const [from, setFrom] = useState<string | null>(outermost ?? (kind === 'rerun' ? (failedStep(run, view) ?? steps[0]?.id ?? null) : null));
  const [version, setVersion] = useState<'same' | 'current'>('same');
  const [input, setInput] = useState<string>();
  const [edited, setEdited] = useState<{ id: string; text: string } | null>(null);
  const made = {
    onSuccess: ({ runId }: { runId: string }) => {
      notifyDone('A new run has started.');
      onClose();
      router.push(`/${org}/runs/${runId}`);
    },
  };
  const rerun = useMutation(trpc.runs.rerun.mutationOptions(made));
  const fork = useMutation(trpc.runs.fork.mutationOptions(made));
  const newInput = input === undefined ? undefined : parseJson(input);
  const newOutput = edited ? parseJson(edited.text) : undefined;
  const broken = newInput?.ok === false || newOutput?.ok === false;
  const submit = () => {
    const changes = {
      org,
      runId: run.id,
      version,
      ...(newInput?.ok ? { input: newInput.value } : {}),
      ...(edited && newOutput?.ok ? { outputs: { [edited.id]: newOutput.value } as JsonObject } : {}),
    };
    if (kind === 'rerun' && from) rerun.mutate({ ...changes, from });
    else fork.mutate({ ...changes, ...(from ? { from } : {}) });
  };
  const { error, isPending } = kind === 'rerun' ? rerun : fork;
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {kind === 'rerun'
          ? 'Makes a new run. What was done before the step is kept; the step and all that comes after it run again. This run stays as it is.'
          : 'Makes a copy that goes on by itself. What is done is kept; what is under way or waiting begins anew in the copy. This run is not touched.'}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label="From the step"
          data={steps.map((s) => ({ value: s.id, label: s.title }))}
          value={from}
          onChange={setFrom}
          clearable={kind === 'fork'}
          placeholder={kind === 'fork' ? 'Wherever it is' : undefined}
          allowDeselect={kind === 'fork'}
        />
        <Select
          label="Version"
          data={[
            { value: 'same', label: run.version === null ? 'The same draft' : `The same: version ${run.version}` },
            { value: 'current', label: 'The published one now' },
          ]}
          value={version}
          onChange={(value) => setVersion(value === 'current' ? 'current' : 'same')}
          allowDeselect={false}
        />
      </SimpleGrid>
      <AgainPreview runId={run.id} from={from} version={version} edited={edited?.id} steps={steps} />
      <Stack gap="xs">
        <Checkbox
          label="Another input of the run"
          checked={input !== undefined}
          onChange={(event) => setInput(event.currentTarget.checked ? text(run.input) : undefined)}
        />
        {input === undefined ? null : (
          <Editor label="Input of the run" value={input} onChange={setInput} error={newInput?.ok === false ? newInput.message : null} />
        )}
        <EditedOutput steps={steps} from={from} edited={edited} onChange={setEdited} error={newOutput?.ok === false ? newOutput.message : null} />
      </Stack>
      {error ? (
        <Text c="red" size="sm" role="alert">
          {readApiError(error).message}
        </Text>
      ) : null}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={isPending} disabled={broken || (kind === 'rerun' && !from)} onClick={submit}>
          {kind === 'rerun' ? 'Run again' : 'Fork'}
        </Button>
      </Group>
    </Stack>
  );
}

function failedStep(run: RunDetail, view: RunView): string | undefined {
  const id = view.error?.step?.split('[', 1)[0];
  return id === undefined ? undefined : (run.bodies[id]?.loops[0] ?? id);
}

function EditedOutput({
  steps,
  from,
  edited,
  onChange,
  error,
}: {
  steps: RunView['steps'];
  from: string | null;
  edited: { id: string; text: string } | null;
  onChange: (edited: { id: string; text: string } | null) => void;
  error: string | null;
}) {
  const earlier = steps.filter((s) => s.id !== from && s.status !== 'pending');
  if (earlier.length === 0) return null;
  return (
    <>
      <Select
        label="Another output of an earlier step"
        placeholder="None"
        clearable
        data={earlier.map((s) => ({ value: s.id, label: s.title }))}
        value={edited?.id ?? null}
        onChange={(id) => onChange(id ? { id, text: text(steps.find((s) => s.id === id)?.output ?? null) } : null)}
      />
      {edited ? <Editor label="Its output" value={edited.text} onChange={(value) => onChange({ ...edited, text: value })} error={error} /> : null}
    </>
  );
}

function Editor({ label, value, onChange, error }: { label: string; value: string; onChange: (value: string) => void; error: string | null }) {
  return (
    <JsonInput
      aria-label={label}
      value={value}
      onChange={onChange}
      error={error}
      autosize
      minRows={4}
      maxRows={14}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
    />
  );
}

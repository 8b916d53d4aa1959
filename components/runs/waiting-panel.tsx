'use client';
import { Button, CopyButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconBroadcast, IconCheck, IconClockHour4, IconCopy, IconUserCheck } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/components/api/trpc-client';
import classes from '@/components/approvals/approvals.module.css';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { AnchorLink, ButtonLink } from '@/components/ui/link';
import { notifyDone } from '@/components/ui/notify';
import { RelativeTime } from '@/components/ui/relative-time';
import type { StepView, StepWait } from '@/core/runs/fold-run';
import type { Json, JsonObject } from '@/core/workflow/workflow';

/** A loop may wait a thousand times: the first are shown, the steps in the timeline have the rest. */
const most = 5;

/** What the steps of a run wait for, until when, and the way to answer. Nothing when none waits for somebody. */
export function WaitingPanel({ runId, steps, paused }: { runId: string; steps: readonly StepView[]; paused: boolean }) {
  const waiting = steps.filter((step) => step.status === 'waiting' && step.wait !== null);
  if (waiting.length === 0) return null;
  return (
    <section className={classes.waits} aria-label="What this run waits for">
      {waiting.slice(0, most).map((step) => (
        <Wait key={`${step.path}/${step.attempts}`} runId={runId} step={step} wait={step.wait as StepWait} paused={paused} />
      ))}
      {waiting.length > most ? <Text c="dimmed">And {waiting.length - most} more steps wait.</Text> : null}
    </section>
  );
}

const textOf = (details: Json, name: string): string | null => {
  const value = details !== null && typeof details === 'object' && !Array.isArray(details) ? (details as JsonObject)[name] : null;
  return typeof value === 'string' ? value : null;
};

function Wait({ runId, step, wait, paused }: { runId: string; step: StepView; wait: StepWait; paused: boolean }) {
  return (
    <div className={classes.wait}>
      <div className={classes.waitHead}>
        <span className={classes.waitWords}>
          <IconClockHour4 size={16} stroke={2.2} aria-hidden />
          <Text>
            <b>{step.title}</b> {wordsFor(wait)}
          </Text>
        </span>
        {step.until === null ? null : (
          <Text size="xs" c="dimmed">
            {wait.kind === 'delay' ? 'goes on' : 'deadline'} <RelativeTime at={step.until} ahead />
          </Text>
        )}
      </div>
      <Answer runId={runId} path={step.path} wait={wait} paused={paused} />
    </div>
  );
}

function wordsFor({ kind, signal, details }: StepWait): string {
  switch (kind) {
    case 'signal':
      return `waits for the signal “${signal}”`;
    case 'approval':
      return 'waits for a decision';
    case 'event':
      return `waits for an event ${textOf(details, 'pattern') ?? ''}`;
    case 'callback':
      return 'waits for its address to be called';
    case 'run':
      return 'waits for another run';
    default:
      return 'waits';
  }
}

function Answer({ runId, path, wait, paused }: { runId: string; path: string; wait: StepWait; paused: boolean }) {
  const { slug: org } = useOrganization();
  switch (wait.kind) {
    case 'signal':
      return wait.signal ? <SendSignal runId={runId} name={wait.signal} message={textOf(wait.details, 'message')} paused={paused} /> : null;
    case 'approval': {
      const id = textOf(wait.details, 'approval');
      return (
        <Group justify="space-between">
          <Text style={{ overflowWrap: 'anywhere' }}>{textOf(wait.details, 'title')}</Text>
          {id ? (
            <ButtonLink href={`/${org}/approvals/${id}`} size="xs" leftSection={<IconUserCheck size={16} />}>
              Look and decide
            </ButtonLink>
          ) : null}
        </Group>
      );
    }
    case 'callback':
      return <CallbackAddress runId={runId} path={path} />;
    case 'run': {
      const child = textOf(wait.details, 'runId') ?? wait.signal?.replace(/^\$run\//, '');
      return child ? <AnchorLink href={`/${org}/runs/${child}`}>Open that run</AnchorLink> : null;
    }
    default:
      return null;
  }
}

/** The form for a signal: its data as JSON, or nothing. */
function SendSignal({ runId, name, message, paused }: { runId: string; name: string; message: string | null; paused: boolean }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const send = useMutation(
    trpc.signals.send.mutationOptions({
      onSuccess: () => notifyDone(`Sent ${name}. ${paused ? 'It is kept until the run is resumed.' : 'The run goes on.'}`),
      onError: (error) => setFault(readApiError(error).message),
    }),
  );
  const submit = () => {
    setFault(null);
    try {
      send.mutate({ org, runId, name, ...(text.trim() ? { data: JSON.parse(text) as Json } : {}) });
    } catch (error) {
      setFault(`This is not JSON: ${(error as Error).message}`);
    }
  };
  return (
    <Stack gap="xs">
      {message ? <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{message}</Text> : null}
      <Textarea
        classNames={{ input: classes.mono }}
        label="Data"
        description="Any JSON; it becomes the output of the step. Empty: {}"
        placeholder={'{"paid": true}'}
        autosize
        minRows={1}
        maxRows={10}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={fault}
      />
      <div>
        <GuardedButton
          permission="run:signal"
          size="xs"
          leftSection={<IconBroadcast size={16} />}
          loading={send.isPending}
          disabled={send.isSuccess}
          onClick={submit}
        >
          Send the signal
        </GuardedButton>
      </div>
    </Stack>
  );
}

/** The address, for whoever may answer for the run. */
function CallbackAddress({ runId, path }: { runId: string; path: string }) {
  const { slug: org, can } = useOrganization();
  const trpc = useTRPC();
  const { data, error } = useQuery({
    ...trpc.signals.callbackUrl.queryOptions({ org, runId, path }),
    enabled: can('run:signal'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!can('run:signal')) return <Text c="dimmed">Whoever may send signals sees the address here.</Text>;
  if (error) return <Text c="dimmed">{readApiError(error).message}</Text>;
  if (!data) return null;
  return (
    <Group gap="xs" align="center">
      <code className={classes.address}>{data.url}</code>
      <CopyButton value={data.url} timeout={2000}>
        {({ copied, copy }) => (
          <Button size="xs" variant="default" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
            {copied ? 'Copied' : 'Copy the address'}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}

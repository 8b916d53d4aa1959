'use client';
import { Alert, Badge, CloseButton, Tabs, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useOrganization } from '@/components/shell/organization-context';
import { formatDuration } from '@/components/ui/duration';
import { JsonView } from '@/components/ui/json-view';
import { AnchorLink } from '@/components/ui/link';
import { StatusBadge } from '@/components/ui/status-badge';
import type { Failure } from '@/core/engine/events';
import type { RunView, StepView } from '@/core/runs/fold-run';
import type { Json } from '@/core/workflow/workflow';
import classes from './run.module.css';
import { formatCost, shortRunId } from './run-words';
import { StepInput } from './step-input';
import { StepMenu } from './step-menu';
import type { RunDetail } from './use-live-run';

interface FailureNoteProps {
  error: Failure;
  title: string;
  /** the step at fault, where the note is not shown in it: it links there and leaves the details to it */
  step?: { title: string; href: string } | undefined;
}

/** What a failure says, with its code and details. */
export function FailureNote({ error, title, step }: FailureNoteProps) {
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} title={title} mb="sm">
      <Text style={{ overflowWrap: 'anywhere' }}>{error.message}</Text>
      <Text size="xs" c="dimmed" mt={4}>
        {step ? (
          <>
            Step{' '}
            <AnchorLink href={step.href} scroll={false} replace size="xs" underline="always">
              {step.title}
            </AnchorLink>{' '}
            ·{' '}
          </>
        ) : null}
        code <code>{error.code}</code>
      </Text>
      {step || error.details === undefined || error.details === null ? null : (
        <div style={{ marginTop: 8 }}>
          <JsonView value={error.details} label="Details of the error" maxHeight={200} />
        </div>
      )}
    </Alert>
  );
}

interface Props {
  run: RunDetail;
  /** the run as it is now */
  view: RunView;
  step: StepView;
  typeTitle: string;
  onClose: () => void;
  /** of the run, ms since the epoch */
  startedAt: number;
}

/** One step of a run: what went in, what came out, what it said. */
export function RunStepPanel({ run, view, step, typeTitle, onClose, startedAt }: Props) {
  const [tab, setTab] = useState<string | null>(null);
  const shown = tab ?? 'output';
  const { slug: org } = useOrganization();
  const child = step.childRunId ?? run.calls.find((call) => call.path === step.path)?.runId;
  const facts = [
    typeTitle,
    step.kept ? 'kept' : step.startedAt !== null && step.finishedAt !== null ? formatDuration(step.finishedAt - step.startedAt) : null,
    step.attempts > 1 ? `${step.attempts} tries` : null,
    step.port ? `left by “${step.port}”` : null,
    step.tokens ? `${step.tokens.input.toLocaleString('en')} + ${step.tokens.output.toLocaleString('en')} tokens` : null,
    step.costUsd > 0 ? formatCost(step.costUsd) : null,
  ].filter(Boolean);
  return (
    <section className={classes.panel} aria-label={`Step ${step.title}`}>
      <div className={classes.panelHead}>
        <div style={{ minWidth: 0 }}>
          <Title order={2} style={{ overflowWrap: 'anywhere' }}>
            {step.title}
          </Title>
          <Text size="xs" c="dimmed">
            {facts.join(' · ')}
          </Text>
        </div>
        <StatusBadge status={step.status} />
        <StepMenu run={run} view={view} step={step} />
        <CloseButton onClick={onClose} aria-label="Close the step" />
      </div>
      <div className={classes.panelBody}>
        {step.error ? (
          <FailureNote
            error={step.error}
            title={step.status === 'failed' ? 'Why it failed' : step.status === 'waiting' ? 'It failed and will be tried again' : 'An earlier try failed'}
          />
        ) : null}
        {child ? (
          <Text mb="sm" size="sm">
            It started <AnchorLink href={`/${org}/runs/${child}`}>run {shortRunId(child)}</AnchorLink>.
          </Text>
        ) : null}
        <Tabs value={shown} onChange={setTab} keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="output">Output</Tabs.Tab>
            <Tabs.Tab value="input">Input</Tabs.Tab>
            <Tabs.Tab
              value="log"
              rightSection={
                step.logs.length > 0 ? (
                  <Badge size="xs" variant="light" color="gray" circle={step.logs.length < 10}>
                    {step.logs.length}
                  </Badge>
                ) : null
              }
            >
              Log
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="output" pt="sm">
            <Value value={step.status === 'succeeded' || step.output !== null ? step.output : undefined} label="Output" none={noOutput(step)} />
          </Tabs.Panel>
          <Tabs.Panel value="input" pt="sm">
            <StepInput run={run} steps={view.steps} step={step} />
          </Tabs.Panel>
          <Tabs.Panel value="log" pt="sm">
            <StepLog logs={step.logs} startedAt={startedAt} />
          </Tabs.Panel>
        </Tabs>
      </div>
    </section>
  );
}

function noOutput(step: StepView): string {
  if (step.status === 'skipped') return 'The step was skipped: its condition was false, or nothing before it led here.';
  if (step.status === 'failed' || step.status === 'cancelled') return 'The step ended without an output.';
  return 'Nothing yet.';
}

function Value({ value, label, none }: { value: Json | undefined; label: string; none: string }) {
  if (value === undefined) return <Text c="dimmed">{none}</Text>;
  return <JsonView value={value} label={label} />;
}

function StepLog({ logs, startedAt }: { logs: StepView['logs']; startedAt: number }) {
  if (logs.length === 0) return <Text c="dimmed">The step logged nothing.</Text>;
  return (
    <ol className={classes.log}>
      {logs.map((entry, index) => (
        <li key={`${entry.at}-${index.toString()}`} data-level={entry.level}>
          <span className={classes.logTime}>+{formatDuration(Math.max(0, entry.at - startedAt))}</span>
          <span className={classes.logLevel}>{entry.level}</span>
          <span className={classes.logText}>
            {entry.message}
            {entry.fields ? <code> {JSON.stringify(entry.fields)}</code> : null}
          </span>
        </li>
      ))}
    </ol>
  );
}

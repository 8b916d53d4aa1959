'use client';
import { Tabs, Text } from '@mantine/core';
import { useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { Crumbs } from '@/components/shell/crumbs';
import { useOrganization } from '@/components/shell/organization-context';
import { JsonView } from '@/components/ui/json-view';
import { PageHeader } from '@/components/ui/page-header';
import { StatusBadge } from '@/components/ui/status-badge';
import { useNow } from '@/components/ui/use-now';
import type { NodeLooks } from './node-looks';
import classes from './run.module.css';
import { RunActions } from './run-actions';
import { RunFacts } from './run-facts';
import { RunFiles } from './run-files';
import { RunStateNote, undoneBy } from './run-state-note';
import { FailureNote, RunStepPanel } from './run-step';
import { RunTimeline } from './run-timeline';
import { shortRunId } from './run-words';
import { type RunDetail as Run, useLiveRun } from './use-live-run';
import { WaitingPanel } from './waiting-panel';

const addressOf = (path: string): string => `?step=${encodeURIComponent(path)}`;

/** A run: its state, its timeline, and what went in and out of every step; live while it goes on. */
export function RunDetail({ initial, looks }: { initial: Run; looks: NodeLooks }) {
  const { slug: org } = useOrganization();
  const { run, view, attempts, live } = useLiveRun(org, initial);
  const router = useRouter();
  const failed = view.steps.find((s) => s.status === 'failed' && (s.path === view.error?.step || s.id === view.error?.step));
  // a run that had failed when the page was opened shows the step at fault, until somebody closes it
  const [closed, setClosed] = useState(false);
  const selected = useSearchParams().get('step') ?? (initial.status === 'failed' && !closed ? (failed?.path ?? null) : null);
  const select = (path: string | null) => {
    setClosed(path === null);
    router.replace(path ? addressOf(path) : '?', { scroll: false });
  };
  const from = view.startedAt ?? Date.parse(run.queuedAt);
  const now = useNow(live !== 'ended', view.finishedAt ?? from, 100);
  const to = Math.max(from + 1, view.finishedAt ?? now);
  const step = view.steps.find(({ path }) => path === selected);
  return (
    <>
      <Crumbs
        items={[
          { label: 'Runs', href: `/${org}/runs` },
          { label: run.workflow.title, href: `/${org}/workflows/${run.workflow.id}/runs` },
          { label: `Run ${shortRunId(run.id)}` },
        ]}
      />
      <PageHeader
        title={run.workflow.title}
        badge={
          <span aria-live="polite">
            <StatusBadge status={view.status} {...(view.paused ? { label: 'Paused' } : {})} />
          </span>
        }
        description={<RunFacts run={run} costUsd={Math.max(run.cost, view.costUsd)} tookMs={view.startedAt === null ? null : to - from} />}
        actions={<RunActions run={run} view={view} selected={step ?? null} />}
      />
      {live === 'lost' ? (
        <Text c="dimmed" mb="sm" role="status">
          Not live at the moment: the connection was lost. It is being tried again.
        </Text>
      ) : null}
      {view.error ? (
        <FailureNote error={view.error} title="Why this run failed" step={failed ? { title: failed.title, href: addressOf(failed.path) } : undefined} />
      ) : null}
      <RunStateNote view={view} />
      <WaitingPanel runId={run.id} steps={view.steps} paused={view.paused !== null} />
      <div className={classes.columns} data-panel={Boolean(step)}>
        <RunTimeline
          steps={view.steps}
          bodies={view.bodies}
          undone={undoneBy(view)?.undone ?? []}
          attempts={attempts}
          from={from}
          to={to}
          looks={looks}
          selected={selected}
          onSelect={select}
        />
        {step ? (
          <RunStepPanel
            key={step.path}
            run={run}
            view={view}
            step={step}
            typeTitle={looks[step.type]?.title ?? step.type}
            startedAt={from}
            onClose={() => select(null)}
          />
        ) : (
          <RunValues input={run.input} output={view.status === 'succeeded' ? view.output : undefined} />
        )}
      </div>
      <RunFiles runId={run.id} live={live !== 'ended'} />
    </>
  );
}

function RunValues({ input, output }: { input: Run['input']; output: Run['output'] | undefined }) {
  return (
    <section className={classes.panel} aria-label="Input and output of the run">
      <div className={classes.panelBody}>
        <Tabs defaultValue={output === undefined ? 'input' : 'output'} keepMounted={false} key={output === undefined ? 'without' : 'with'}>
          <Tabs.List>
            <Tabs.Tab value="output">Output of the run</Tabs.Tab>
            <Tabs.Tab value="input">Input</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="output" pt="sm">
            {output === undefined ? (
              <Text c="dimmed">The output appears when the run has succeeded.</Text>
            ) : (
              <JsonView value={output} label="Output of the run" maxHeight={560} />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="input" pt="sm">
            <JsonView value={input} label="Input of the run" maxHeight={560} />
          </Tabs.Panel>
        </Tabs>
        <Text size="xs" c="dimmed" mt="sm">
          Choose a step to see what went in and out of it.
        </Text>
      </div>
    </section>
  );
}

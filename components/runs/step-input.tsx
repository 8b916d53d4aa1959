'use client';
import { Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { JsonView } from '@/components/ui/json-view';
import type { StepView } from '@/core/runs/fold-run';
import { stepData } from '@/core/runs/step-data';
import type { Workflow } from '@/core/workflow/workflow';
import type { RunDetail } from './use-live-run';

/** What came into a step, read off the steps before it, and the settings it ran with where the log keeps them. */
export function StepInput({ run, steps, step }: { run: RunDetail; steps: readonly StepView[]; step: StepView }) {
  const workflow = useDefinition(run.document);
  if (step.status === 'pending' || step.status === 'skipped') return <Text c="dimmed">Nothing: the step did not run.</Text>;
  const data = workflow ? stepData(workflow, step.id, (id) => steps.find((other) => other.path === id), run.input) : undefined;
  return (
    <>
      {data === undefined ? null : <JsonView value={data} label="Input" />}
      {step.input === null ? null : (
        <>
          <Title order={3} size="sm" mt="md" mb={6}>
            Settings used
          </Title>
          <JsonView value={step.input} label="Settings used" />
        </>
      )}
    </>
  );
}

/** The workflow as it ran. The reader of AWL is fetched only where somebody looks. */
function useDefinition(document: RunDetail['document']): Workflow | undefined {
  const [workflow, setWorkflow] = useState<Workflow>();
  useEffect(() => {
    let current = true;
    void import('@/core/workflow/awl').then(({ parseAwl }) => {
      const parsed = parseAwl(document);
      if (current && parsed.ok) setWorkflow(parsed.workflow);
    });
    return () => {
      current = false;
    };
  }, [document]);
  return workflow;
}

'use client';
import { Button, Textarea } from '@mantine/core';
import { parseDuration, formatDuration as writeDuration } from '@/core/workflow/duration';
import type { Step } from '@/core/workflow/workflow';
import { DurationField } from '../fields/duration-field';
import { TemplateField } from '../fields/template-field';
import { isLoop, undoingSteps } from '../model/graph';
import { deleteSelection, duplicateSelection } from '../model/selection-actions';
import { updateStep } from '../model/step-operations';
import { levelOf } from '../model/step-tree';
import { useStore } from '../model/use-store';
import { useSession, useWorkflow } from '../session-context';
import { FailureFields } from './failure-fields';
import { JoinField } from './join-field';
import { IterationOutput, LoopOfStep } from './loop-fields';
import classes from './panel.module.css';
import { ProblemNote } from './problem-note';
import { RetryFields } from './retry-fields';
import { StepIdField } from './step-id-field';
import { UndoField } from './undo-field';

/** How a step behaves, whatever its type: its id, when it runs, how long, how often, and what happens when it fails. */
export function SettingsTab({ step }: { step: Step }) {
  const session = useSession();
  const disabled = !session.access.edit;
  const undoes = useWorkflow((workflow) => undoingSteps(levelOf(workflow, step.id)).has(step.id));
  const problems = useStore(session.problems, (now) => now.all).filter((problem) => problem.step === step.id && !/(^|\.)with\b/.test(problem.path));
  const set = (changes: Parameters<typeof updateStep>[1], field: string) => session.draft.apply(updateStep(step.id, changes), `${step.id}.${field}`);
  const loop = isLoop(step, session.definitions);
  return (
    <div className={classes.stack}>
      {problems.length > 0 ? (
        <div>
          {problems.map((problem) => (
            <ProblemNote key={problem.path + problem.message} problem={problem} />
          ))}
        </div>
      ) : null}
      <StepIdField step={step} disabled={disabled} />
      {step.dependsOn.length >= 2 || step.join !== undefined ? <JoinField step={step} disabled={disabled} onChange={(join) => set({ join }, 'join')} /> : null}
      <TemplateField
        name="condition"
        label="Run only if"
        help="An expression; when it is false the step is skipped."
        field={{ placeholder: 'data.valid == true' }}
        value={step.condition}
        required={false}
        disabled={disabled}
        step={step.id}
        cel
        onChange={(value) => set({ condition: typeof value === 'string' && value.trim() !== '' ? value : undefined }, 'condition')}
      />
      {loop ? <IterationOutput step={step} disabled={disabled} onChange={(output) => set({ output }, 'output')} /> : null}
      <DurationField
        label="Timeout"
        description={loop ? 'Of the loop as a whole.' : 'Of one attempt.'}
        placeholder="No limit of its own"
        disabled={disabled}
        value={step.timeout === undefined ? '' : writeDuration(step.timeout)}
        onChange={(text) => set({ timeout: text === undefined ? undefined : parseDuration(text) }, 'timeout')}
      />
      <RetryFields retry={step.retry} disabled={disabled} onChange={(retry) => set({ retry }, 'retry')} />
      {undoes ? null : <FailureFields step={step} disabled={disabled} onChange={(onError) => set({ onError }, 'onError')} />}
      <UndoField step={step} disabled={disabled} onChange={(compensate) => set({ compensate }, 'compensate')} />
      <LoopOfStep step={step} disabled={disabled} />
      <Textarea
        label="Notes"
        autosize
        minRows={2}
        maxRows={10}
        disabled={disabled}
        value={step.notes ?? ''}
        onChange={(event) => set({ notes: event.currentTarget.value || undefined }, 'notes')}
      />
      {disabled ? null : (
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={() => duplicateSelection(session)}>
            Duplicate
          </Button>
          <Button variant="subtle" color="red" size="xs" onClick={() => deleteSelection(session)}>
            {loop && step.steps?.length ? 'Delete with its steps' : 'Delete step'}
          </Button>
        </div>
      )}
    </div>
  );
}

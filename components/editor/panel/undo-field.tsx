'use client';
import { Button, Select } from '@mantine/core';
import type { Step } from '@/core/workflow/workflow';
import { titleOf } from '../model/connection';
import { openNode } from '../model/editor-actions';
import { levelOf } from '../model/step-tree';
import { canUndo } from '../model/undo-steps';
import { useSession, useWorkflow } from '../session-context';
import classes from './panel.module.css';

/** The step that undoes this one; of a step that undoes others, which. */
export function UndoField({ step, disabled, onChange }: { step: Step; disabled: boolean; onChange: (compensate: string | undefined) => void }) {
  const session = useSession();
  const workflow = useWorkflow();
  const level = levelOf(workflow, step.id);
  const undone = level.filter((other) => other.compensate === step.id);
  if (undone.length > 0) {
    return (
      <div>
        <h3 className={classes.section}>Undoes</h3>
        <p className={classes.about}>
          This step only runs when a run is undone, with the output of what it undoes as its data. Nothing leads to it and nothing follows it.
        </p>
        <div className={classes.buttons}>
          {undone.map((other) => (
            <Button key={other.id} variant="default" size="xs" onClick={() => openNode(session, other.id)}>
              {titleOf(workflow, other.id)}
            </Button>
          ))}
        </div>
      </div>
    );
  }
  const data = level
    .filter((other) => canUndo(level, other, step, session.definitions))
    .map((other) => ({ value: other.id, label: titleOf(workflow, other.id) }));
  const unknown = step.compensate !== undefined && !data.some((each) => each.value === step.compensate);
  if (unknown && step.compensate) data.unshift({ value: step.compensate, label: titleOf(workflow, step.compensate) });
  return (
    <Select
      label="Undone by"
      description="A step that takes back what this one did when the run is undone: refund what was charged. It runs at no other time."
      placeholder={data.length === 0 ? 'Add a step that is connected to nothing' : 'Nothing'}
      disabled={disabled || data.length === 0}
      searchable
      clearable
      data={data}
      error={unknown ? `“${step.compensate}” cannot undo this step: it is missing or connected to others.` : undefined}
      value={step.compensate ?? null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}

'use client';
import { Select } from '@mantine/core';
import { allSteps, type Json, type Step } from '@/core/workflow/workflow';
import { JsonField } from '../fields/json-field';
import { titleOf } from '../model/connection';
import { say } from '../model/editor-actions';
import { isLoop } from '../model/graph';
import { moveInto, refusalOfMove } from '../model/move-steps';
import { insideOf } from '../model/preview-scope';
import { isInside, parentOf } from '../model/step-tree';
import { useSession, useWorkflow } from '../session-context';

/** What each iteration of a loop gives. */
export function IterationOutput({ step, disabled, onChange }: { step: Step; disabled: boolean; onChange: (output: Json | undefined) => void }) {
  return (
    <JsonField
      name="output"
      label="Result of an iteration"
      help="Evaluated after each, with item, index and the steps inside. Without it: the output of the last step inside, or of all last steps by id."
      field={{ placeholder: '{{ steps.fetch.output.body }}' }}
      value={step.output}
      required={false}
      disabled={disabled}
      step={insideOf(step.id)}
      onChange={onChange}
    />
  );
}

/** Which loop a step belongs to: what dragging does, for whoever does not drag. */
export function LoopOfStep({ step, disabled }: { step: Step; disabled: boolean }) {
  const session = useSession();
  const workflow = useWorkflow();
  const parent = parentOf(workflow, step.id);
  const loops = allSteps(workflow.steps).filter((each) => isLoop(each, session.definitions) && each.id !== step.id && !isInside(workflow, each.id, step.id));
  if (loops.length === 0) return null;
  return (
    <Select
      label="Part of"
      description="A step inside a loop runs in each iteration."
      disabled={disabled}
      allowDeselect={false}
      data={[{ value: '', label: 'No loop' }, ...loops.map((each) => ({ value: each.id, label: titleOf(workflow, each.id) }))]}
      value={parent ?? ''}
      onChange={(next) => {
        const to = next || undefined;
        const cut = refusalOfMove(workflow, [step.id], to) !== undefined;
        session.draft.apply(moveInto([step.id], to, session.definitions));
        if (cut) say(session, 'Its connections were removed, since none may cross the frame of a loop. Ctrl+Z brings everything back.');
        session.view.current?.reveal(step.id);
      }}
    />
  );
}

'use client';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Step } from '@/core/workflow/workflow';
import { selectNodes } from '../model/editor-actions';
import { renameStep } from '../model/step-operations';
import { stepOf } from '../model/step-tree';
import { useSession, useWorkflow } from '../session-context';
import classes from './panel.module.css';

/** The id of a step; it takes effect when the field is left, everywhere at once. */
export function StepIdField({ step, disabled }: { step: Step; disabled: boolean }) {
  const session = useSession();
  const [text, setText] = useState<string>();
  const wanted = text ?? step.id;
  const taken = useWorkflow((workflow) => wanted !== step.id && stepOf(workflow, wanted) !== undefined);
  const fault = !/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(wanted)
    ? 'Letters, digits, - and _, not starting with a digit'
    : taken
      ? 'Another step has this id'
      : undefined;
  const keep = () => {
    setText(undefined);
    if (fault || wanted === step.id) return;
    session.draft.apply(renameStep(step.id, wanted));
    selectNodes(session, [wanted], true);
  };
  return (
    <TextInput
      label="Id"
      description="How expressions name it. References follow a change."
      classNames={{ input: classes.mono }}
      value={wanted}
      error={fault}
      disabled={disabled}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={keep}
      onKeyDown={(event) => event.key === 'Enter' && keep()}
    />
  );
}

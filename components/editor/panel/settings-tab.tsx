'use client';
import { Button, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { NodePort } from '@/core/node/definition';
import { parseDuration, formatDuration as writeDuration } from '@/core/workflow/duration';
import type { OnError, RetryPolicy, Step } from '@/core/workflow/workflow';
import { DurationField } from '../fields/duration-field';
import { JsonField } from '../fields/json-field';
import { TemplateField } from '../fields/template-field';
import { titleOf } from '../model/connection';
import { deleteSelection, duplicateSelection, selectNodes } from '../model/editor-actions';
import { renameStep, updateStep } from '../model/step-operations';
import { useSession, useWorkflow } from '../session-context';
import classes from './panel.module.css';

const failures = [
  { value: 'fail', label: 'Stop the run' },
  { value: 'continue', label: 'Go on as if it had succeeded' },
  { value: 'fallback', label: 'Use another value instead' },
  { value: 'goto', label: 'Go to another step' },
];
const defaultRetry: RetryPolicy = { attempts: 3, backoff: 'exponential', delay: 1000, maxDelay: 60_000 };

/** How a step behaves, whatever its type: its id, when it runs, how long, how often, and what happens when it fails. */
export function SettingsTab({ step }: { step: Step; exits: NodePort[] }) {
  const session = useSession();
  const disabled = !session.access.edit;
  const set = (changes: Parameters<typeof updateStep>[1], field: string) => session.draft.apply(updateStep(step.id, changes), `${step.id}.${field}`);
  return (
    <div className={classes.stack}>
      <StepId step={step} disabled={disabled} />
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
      <DurationField
        label="Timeout"
        description="Of one attempt."
        placeholder="No limit of its own"
        disabled={disabled}
        value={step.timeout === undefined ? '' : writeDuration(step.timeout)}
        onChange={(text) => set({ timeout: text === undefined ? undefined : parseDuration(text) }, 'timeout')}
      />
      <Retry step={step} disabled={disabled} onChange={(retry) => set({ retry }, 'retry')} />
      <Failing step={step} disabled={disabled} onChange={(onError) => set({ onError }, 'onError')} />
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
            Delete step
          </Button>
        </div>
      )}
    </div>
  );
}

function StepId({ step, disabled }: { step: Step; disabled: boolean }) {
  const session = useSession();
  const [text, setText] = useState<string>();
  const wanted = text ?? step.id;
  const others = useWorkflow((workflow) => workflow.steps);
  const fault = !/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(wanted)
    ? 'Letters, digits, - and _, not starting with a digit'
    : others.some((other) => other !== step && other.id === wanted)
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

function Retry({ step, disabled, onChange }: { step: Step; disabled: boolean; onChange: (retry: RetryPolicy | undefined) => void }) {
  const retry = step.retry;
  return (
    <div className={classes.stack}>
      <NumberInput
        label="Retries"
        description="How often it is tried again after the first failure."
        min={0}
        max={100}
        allowDecimal={false}
        disabled={disabled}
        value={retry?.attempts ?? 0}
        onChange={(value) => {
          const attempts = typeof value === 'number' ? value : 0;
          onChange(attempts > 0 ? { ...(retry ?? defaultRetry), attempts } : undefined);
        }}
      />
      {retry ? (
        <div className={classes.pair}>
          <Select
            label="Pause between"
            disabled={disabled}
            data={[
              { value: 'fixed', label: 'Always the same' },
              { value: 'linear', label: 'Grows steadily' },
              { value: 'exponential', label: 'Doubles' },
            ]}
            value={retry.backoff}
            onChange={(backoff) => onChange({ ...retry, backoff: (backoff ?? 'exponential') as RetryPolicy['backoff'] })}
          />
          <DurationField
            label="First pause"
            disabled={disabled}
            value={writeDuration(retry.delay)}
            onChange={(text) => onChange({ ...retry, delay: parseDuration(text ?? '') ?? 1000 })}
          />
        </div>
      ) : null}
    </div>
  );
}

function Failing({ step, disabled, onChange }: { step: Step; disabled: boolean; onChange: (onError: OnError | undefined) => void }) {
  const workflow = useWorkflow();
  const onError = step.onError ?? { kind: 'fail' };
  const others = workflow.steps.filter((other) => other.id !== step.id).map((other) => ({ value: other.id, label: titleOf(workflow, other.id) }));
  const choose = (kind: string | null) => {
    if (kind === 'continue') onChange({ kind });
    else if (kind === 'fallback') onChange({ kind, value: null });
    else if (kind === 'goto' && others[0]) onChange({ kind, step: others.at(-1)?.value ?? others[0].value });
    else onChange(undefined);
  };
  return (
    <div className={classes.stack}>
      <Select label="When it fails" disabled={disabled} data={others.length === 0 ? failures.slice(0, 3) : failures} value={onError.kind} onChange={choose} />
      {onError.kind === 'fallback' ? (
        <JsonField
          name="fallback"
          label="Value instead"
          field={{ placeholder: '{{ data }}' }}
          value={onError.value}
          required={false}
          disabled={disabled}
          step={step.id}
          onChange={(value) => onChange({ kind: 'fallback', value: value ?? null })}
        />
      ) : null}
      {onError.kind === 'goto' ? (
        <Select
          label="Step"
          searchable
          disabled={disabled}
          data={others}
          value={onError.step}
          onChange={(value) => value && onChange({ kind: 'goto', step: value })}
        />
      ) : null}
    </div>
  );
}

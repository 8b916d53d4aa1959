'use client';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import type { OnError, Step } from '@/core/workflow/workflow';
import { JsonField } from '../fields/json-field';
import { refusal, titleOf } from '../model/connection';
import { undoingSteps } from '../model/graph';
import { failureOf } from '../model/preview-scope';
import { levelOf, parentOf } from '../model/step-tree';
import { useSession, useWorkflow } from '../session-context';
import classes from './panel.module.css';

type Kind = OnError['kind'];
const labels: Record<Kind, string> = {
  fail: 'Stop the run',
  continue: 'Go on, without its output',
  skip: 'Go on as if it had been skipped',
  fallback: 'Use another value instead',
  goto: 'Go to another step',
  version: 'Try it as it was in another version',
  compensate: 'Undo what was done, then stop the run',
};
const explained: Record<Kind, string> = {
  fail: 'The run fails with this error.',
  continue: 'What follows runs; its output is null, its error is in steps.ID.error.',
  skip: 'What follows only from here is skipped as well.',
  fallback: 'The step counts as succeeded, with this as its output.',
  goto: 'That step runs with the error as its data. Also drawn from the exit “on error”.',
  version: 'Once its retries are used up, the step of this id of that version is tried, with that version’s settings.',
  compensate: 'Completed steps that have an undoing step are undone, the last one first. Then the run fails with this error.',
};

/** What happens when a step has failed for good. */
export function FailureFields({ step, disabled, onChange }: { step: Step; disabled: boolean; onChange: (onError: OnError | undefined) => void }) {
  const session = useSession();
  const workflow = useWorkflow();
  const onError = step.onError ?? { kind: 'fail' };
  const level = levelOf(workflow, step.id);
  const undoing = undoingSteps(level);
  const may = (id: string) => refusal(workflow, { source: step.id, port: 'error', target: id }, session.definitions) === undefined;
  const targets = level
    .filter((other) => other.id !== step.id && !undoing.has(other.id) && (may(other.id) || (onError.kind === 'goto' && onError.step === other.id)))
    .map((other) => ({ value: other.id, label: titleOf(workflow, other.id) }));
  const choose = (kind: string | null) => {
    if (kind === 'continue' || kind === 'skip' || kind === 'compensate') onChange({ kind });
    else if (kind === 'fallback') onChange({ kind, value: null });
    else if (kind === 'goto' && targets[0]) onChange({ kind, step: targets.at(-1)?.value ?? targets[0].value });
    else if (kind === 'version') onChange({ kind, version: session.published.get().version ?? 1 });
    else onChange(undefined);
  };
  const inLoop = parentOf(workflow, step.id) !== undefined;
  const label = (kind: Kind) => (kind === 'fail' && inLoop ? 'Fail the iteration' : labels[kind]);
  const help = onError.kind === 'fail' && inLoop ? 'The loop says what then: fail at once, or go on and collect the errors.' : explained[onError.kind];
  const kinds = (Object.keys(labels) as Kind[]).filter((kind) => kind !== 'goto' || targets.length > 0 || onError.kind === 'goto');
  return (
    <div className={classes.stack}>
      <Select
        label="When it fails"
        description={help.replace('ID', step.id)}
        disabled={disabled}
        allowDeselect={false}
        data={kinds.map((kind) => ({ value: kind, label: label(kind) }))}
        value={onError.kind}
        onChange={choose}
      />
      {onError.kind === 'fallback' ? (
        <JsonField
          name="fallback"
          label="Value instead"
          help="Texts in it may hold {{ expressions }}; error says what went wrong."
          field={{ placeholder: '{{ data }}' }}
          value={onError.value}
          required={false}
          disabled={disabled}
          step={failureOf(step.id)}
          onChange={(value) => onChange({ kind: 'fallback', value: value ?? null })}
        />
      ) : null}
      {onError.kind === 'goto' ? (
        <Select
          label="Step"
          searchable
          disabled={disabled}
          data={targets}
          error={targets.some((each) => each.value === onError.step) ? undefined : `There is no step “${onError.step}” here.`}
          value={onError.step}
          onChange={(value) => value && onChange({ kind: 'goto', step: value })}
        />
      ) : null}
      {onError.kind === 'version' ? (
        <VersionField version={onError.version} disabled={disabled} onChange={(version) => onChange({ kind: 'version', version })} />
      ) : null}
    </div>
  );
}

/** One of the published versions of this workflow. */
function VersionField({ version, disabled, onChange }: { version: number; disabled: boolean; onChange: (version: number) => void }) {
  const session = useSession();
  const versions = useQuery(useTRPC().workflows.versions.queryOptions({ org: session.org, id: session.workflowId, limit: 100 }, { staleTime: 30_000 }));
  const known = versions.data?.items ?? [];
  const data = known.map((each) => ({
    value: String(each.number),
    label: `Version ${each.number}${each.current ? ', published now' : ''}, ${new Date(each.createdAt).toLocaleDateString(undefined, { dateStyle: 'medium' })}`,
  }));
  const missing = versions.data && !known.some((each) => each.number === version);
  if (!data.some((each) => each.value === String(version))) data.unshift({ value: String(version), label: `Version ${version}` });
  return (
    <Select
      label="Version"
      searchable
      disabled={disabled}
      allowDeselect={false}
      data={data}
      error={
        missing
          ? known.length === 0
            ? 'Nothing of this workflow is published yet.'
            : `There is no version ${version}.`
          : versions.error
            ? versions.error.message
            : undefined
      }
      value={String(version)}
      onChange={(next) => next && onChange(Number(next))}
    />
  );
}

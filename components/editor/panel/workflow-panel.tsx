'use client';
import { Button, Textarea, TextInput } from '@mantine/core';
import { IconCode, IconSettings } from '@tabler/icons-react';
import { parseDuration, formatDuration as writeDuration } from '@/core/workflow/duration';
import type { JsonObject, Workflow, WorkflowSettings } from '@/core/workflow/workflow';
import { subtitleOf } from '../canvas/subtitle';
import { DurationField } from '../fields/duration-field';
import { JsonField } from '../fields/json-field';
import { selectNodes, updateUi } from '../model/editor-actions';
import { useStore } from '../model/use-store';
import { NodeIcon } from '../node-icon';
import { useSession, useWorkflow } from '../session-context';
import { InputFields } from './input-fields';
import classes from './panel.module.css';
import { PanelHead } from './panel-head';
import { ProblemNote } from './problem-note';
import { RunLimits } from './run-limits';

/** What belongs to the workflow as a whole. */
export default function WorkflowPanel() {
  const session = useSession();
  const workflow = useWorkflow();
  const problems = useStore(session.problems, (now) => now.all).filter((problem) => !problem.step && !problem.path.includes('triggers['));
  const disabled = !session.access.edit;
  const set = (changes: Partial<Workflow>, tag: string) => session.draft.apply((now) => withChanges(now, changes), `workflow.${tag}`);
  const setSettings = (changes: Partial<WorkflowSettings>, tag: string) => {
    const settings = Object.fromEntries(Object.entries({ ...workflow.settings, ...changes }).filter(([, value]) => value !== undefined)) as WorkflowSettings;
    set({ settings }, tag);
  };
  return (
    <>
      <PanelHead icon={<WorkflowTile />} title="Workflow settings" subtitle={workflow.name} />
      <div className={classes.scroll}>
        {problems.map((problem) => (
          <ProblemNote key={problem.path + problem.message} problem={problem} />
        ))}
        <div className={classes.stack}>
          <TextInput
            label="Title"
            disabled={disabled}
            maxLength={120}
            value={workflow.title ?? ''}
            placeholder={workflow.name}
            onChange={(event) => set({ title: event.currentTarget.value || undefined }, 'title')}
          />
          <Textarea
            label="Description"
            autosize
            minRows={2}
            maxRows={8}
            disabled={disabled}
            value={workflow.description ?? ''}
            onChange={(event) => set({ description: event.currentTarget.value || undefined }, 'description')}
          />
          <Triggers />
          <InputFields schema={workflow.input} disabled={disabled} onChange={(input) => set({ input: input as JsonObject | undefined }, 'input')} />
          <JsonField
            name="output"
            label="Output"
            help="What a run gives in the end. Without it: the output of the last step, or of all last steps by id."
            field={{ placeholder: '{{ steps.report.output }}' }}
            value={workflow.output}
            required={false}
            disabled={disabled}
            onChange={(output) => set({ output }, 'output')}
          />
          <DurationField
            label="Timeout"
            description="Of the whole run."
            placeholder="No limit"
            disabled={disabled}
            value={workflow.settings.timeout === undefined ? '' : writeDuration(workflow.settings.timeout)}
            onChange={(text) => setSettings({ timeout: text === undefined ? undefined : parseDuration(text) }, 'timeout')}
          />
          <RunLimits settings={workflow.settings} disabled={disabled} onChange={setSettings} />
          <Button variant="default" leftSection={<IconCode size={16} stroke={1.7} />} onClick={() => updateUi(session, { panel: 'awl' })}>
            Show as AWL
          </Button>
        </div>
      </div>
    </>
  );
}

/** Sets what is given and removes what is undefined, so that nothing undefined is written into the document. */
function withChanges(workflow: Workflow, changes: Partial<Workflow>): Workflow {
  const all = Object.entries({ ...workflow, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(all) as unknown as Workflow;
}

const WorkflowTile = () => (
  <span className={classes.tile} aria-hidden>
    <IconSettings size={20} stroke={1.7} />
  </span>
);

function Triggers() {
  const session = useSession();
  const triggers = useWorkflow((workflow) => workflow.triggers);
  return (
    <div>
      <h3 className={classes.section}>Triggers</h3>
      {triggers.length === 0 ? <p className={classes.empty}>The Run button and the API.</p> : null}
      <div className={classes.stack} style={{ gap: 8 }}>
        {triggers.map((trigger, index) => {
          const definition = session.definitions.get(trigger.type);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a trigger's place is its identity
            <button key={index} type="button" className={classes.triggerRow} onClick={() => selectNodes(session, [`trigger:${index}`], true)}>
              <NodeIcon icon={definition?.icon} color={definition?.color} size={32} />
              <span>
                {definition?.title ?? trigger.type}
                <small>{subtitleOf(definition, trigger.with, trigger.type)}</small>
              </span>
            </button>
          );
        })}
        {session.access.edit ? (
          <Button variant="subtle" size="compact-sm" style={{ justifySelf: 'start' }} onClick={() => updateUi(session, { palette: {} })}>
            Add a trigger
          </Button>
        ) : null}
      </div>
    </div>
  );
}

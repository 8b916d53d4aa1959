'use client';
import { Tabs } from '@mantine/core';
import { subtitleOf } from '../canvas/subtitle';
import { updateUi } from '../model/editor-actions';
import type { EditorUi } from '../model/session';
import { updateStep } from '../model/step-operations';
import { stepOf } from '../model/step-tree';
import { useKeyed } from '../model/use-store';
import { NodeIcon } from '../node-icon';
import { useSession, useUi, useWorkflow } from '../session-context';
import { LastOutput } from './last-output';
import { OutputTab } from './output-tab';
import classes from './panel.module.css';
import { PanelHead } from './panel-head';
import { SettingsTab } from './settings-tab';
import { SetupTab } from './setup-tab';

/** Everything about one step: how it is set up, what it did in the run on the canvas, and how it behaves. */
export default function StepPanel({ id }: { id: string }) {
  const session = useSession();
  const step = useWorkflow((workflow) => stepOf(workflow, id));
  const tab = useUi((ui) => ui.tab);
  const run = useKeyed(session.run.steps, id);
  if (!step) return null;
  const definition = session.definitions.get(step.uses);
  const rename = (title: string) => session.draft.apply(updateStep(id, { title }), `${id}.title`);
  return (
    <>
      <PanelHead
        icon={<NodeIcon icon={definition?.icon} color={definition?.color} />}
        title={step.title || step.id}
        subtitle={`${definition?.title ?? step.uses} · ${subtitleOf(definition, step.with, step.uses)}`}
        onRename={session.access.edit ? rename : undefined}
      />
      <Tabs value={tab} onChange={(next) => updateUi(session, { tab: (next ?? 'setup') as EditorUi['tab'] })} className={classes.tabs} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="setup">Set up</Tabs.Tab>
          <Tabs.Tab value="output">Output</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="setup" className={classes.body}>
          <SetupTab step={step} />
        </Tabs.Panel>
        <Tabs.Panel value="output" className={classes.body}>
          <OutputTab id={id} run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={classes.body}>
          <SettingsTab step={step} />
        </Tabs.Panel>
      </Tabs>
      {tab === 'setup' && run ? <LastOutput run={run} /> : null}
    </>
  );
}

'use client';
import { Button, CopyButton } from '@mantine/core';
import type { Trigger } from '@/core/workflow/workflow';
import { subtitleOf } from '../canvas/subtitle';
import { formSchemaOf } from '../fields/field-schema';
import { SchemaForm } from '../fields/schema-form';
import { insertNode, updateUi } from '../model/editor-actions';
import { START_ID, triggerOf } from '../model/graph';
import { deleteSelection } from '../model/selection-actions';
import { setTriggers } from '../model/trigger-operations';
import { useStore } from '../model/use-store';
import { NodeIcon } from '../node-icon';
import { useSession, useWorkflow } from '../session-context';
import classes from './panel.module.css';
import { PanelHead } from './panel-head';
import { ProblemNote } from './problem-note';

/** A trigger's settings; of a webhook, its address. */
export default function TriggerPanel({ id }: { id: string }) {
  const trigger = useWorkflow((workflow) => triggerOf(workflow, id));
  if (id === START_ID || !trigger) return <ImplicitStart />;
  return <DeclaredTrigger id={id} trigger={trigger} />;
}

function DeclaredTrigger({ id, trigger }: { id: string; trigger: Trigger }) {
  const session = useSession();
  const problems = useStore(session.problems, (now) => now.all);
  const published = useStore(session.published);
  const index = Number(id.slice('trigger:'.length));
  const definition = session.definitions.get(trigger.type);
  const mine = problems
    .filter((problem) => problem.path.includes(`triggers[${index}]`))
    .map((problem) => ({ ...problem, path: problem.path.replace(/^.*triggers\[\d+\]\.?(?:[\w-]+\.)?/, 'with.') }));
  // the first webhook of the draft is the first published one, and so on
  const place = useWorkflow((workflow) => workflow.triggers.slice(0, index).filter((t) => t.type === trigger.type).length);
  const address = published.triggers.filter((t) => t.type === trigger.type)[place]?.url;
  return (
    <>
      <PanelHead
        icon={<NodeIcon icon={definition?.icon} color={definition?.color} />}
        title={definition?.title ?? trigger.type}
        subtitle={`Trigger · ${subtitleOf(definition, trigger.with, trigger.type)}`}
      />
      <div className={classes.scroll}>
        {definition ? (
          <p className={classes.about}>{definition.description}</p>
        ) : (
          <ProblemNote problem={{ severity: 'error', message: `There is no trigger of type “${trigger.type}”.` }} />
        )}
        <div className={classes.stack}>
          {trigger.type === 'webhook' ? <Address url={address} /> : null}
          <SchemaForm
            schema={definition ? formSchemaOf(definition) : {}}
            value={trigger.with}
            disabled={!session.access.edit}
            problems={mine}
            onChange={(value, name) =>
              session.draft.apply(
                setTriggers((all) => all.map((t, at) => (at === index ? { ...t, with: value } : t))),
                `trigger${index}.${name}`,
              )
            }
          />
          {session.access.edit ? (
            <div className={classes.buttons}>
              <Button variant="subtle" color="red" size="xs" onClick={() => deleteSelection(session)}>
                Delete trigger
              </Button>
            </div>
          ) : null}
        </div>
      </div>
    </>
  );
}

function Address({ url }: { url: string | undefined }) {
  if (!url) return <p className={classes.empty}>This webhook gets its address when the workflow is published.</p>;
  return (
    <div>
      <h3 className={classes.section}>Address</h3>
      <div className={classes.address}>
        <span>{url}</span>
        <CopyButton value={url}>
          {({ copied, copy }) => (
            <Button variant="default" size="compact-xs" onClick={copy} style={{ flex: 'none' }}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
    </div>
  );
}

function ImplicitStart() {
  const session = useSession();
  const triggers = [...session.definitions.values()].filter((definition) => definition.kind === 'trigger' && definition.type !== 'manual');
  return (
    <>
      <PanelHead icon={<NodeIcon icon="PlayerPlay" color="indigo" />} title="Start" subtitle="Run button or API" />
      <div className={classes.scroll}>
        <p className={classes.about}>Runs start with the Run button or the API. Add a trigger to start them from outside:</p>
        <div className={classes.stack} style={{ gap: 8 }}>
          {triggers.map((definition) => (
            <button
              key={definition.type}
              type="button"
              className={classes.triggerRow}
              disabled={!session.access.edit}
              onClick={() => {
                updateUi(session, { selected: [] });
                insertNode(session, definition.type);
              }}
            >
              <NodeIcon icon={definition.icon} color={definition.color} size={36} />
              <span>
                {definition.title}
                <small>{definition.description}</small>
              </span>
            </button>
          ))}
        </div>
      </div>
    </>
  );
}

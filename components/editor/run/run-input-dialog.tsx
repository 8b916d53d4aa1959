'use client';
import { Button, Modal, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { checkInput } from '@/core/workflow/input';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import type { FieldSchema } from '../fields/field-schema';
import { JsonField } from '../fields/json-field';
import { SchemaForm } from '../fields/schema-form';
import { updateUi } from '../model/editor-actions';
import classes from '../panel/panel.module.css';
import { ProblemNote } from '../panel/problem-note';
import { useSession, useWorkflow } from '../session-context';

/** Asks for a run's input, in a form of the workflow's schema or as JSON. What was entered last is there again. */
export default function RunInputDialog({ onStart }: { onStart: (input: Json) => Promise<string | undefined> }) {
  const session = useSession();
  const schema = useWorkflow((workflow) => workflow.input) ?? {};
  const key = `heddle.input.${session.workflowId}`;
  const [input, setInput] = useState<Json>(() => remembered(key) ?? defaultsOf(schema));
  const [view, setView] = useState('form');
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<string>();
  const [starting, setStarting] = useState(false);
  const problems = checkInput(schema, input);
  const formPossible =
    typeof schema.properties === 'object' && schema.properties !== null && typeof input === 'object' && input !== null && !Array.isArray(input);
  const close = () => updateUi(session, { dialog: undefined });
  const start = async () => {
    setTried(true);
    if (problems.length > 0) return;
    try {
      localStorage.setItem(key, JSON.stringify(input));
    } catch {
      // only a convenience
    }
    setStarting(true);
    setRefused(await onStart(input));
    setStarting(false);
  };
  return (
    <Modal opened onClose={close} title="Run with" size="lg">
      <form
        className={classes.stack}
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          event.stopPropagation();
          void start();
        }}
      >
        {formPossible && view === 'form' ? (
          <SchemaForm schema={schema as FieldSchema} value={input as JsonObject} disabled={false} plain onChange={(next) => setInput(next)} />
        ) : (
          <JsonField name="input" label="Input" field={{}} value={input} required disabled={false} onChange={(next) => setInput(next ?? {})} />
        )}
        {tried
          ? problems.map((problem) => (
              <ProblemNote key={problem.path + problem.message} problem={{ ...problem, message: `${problem.path}: ${problem.message}` }} />
            ))
          : null}
        {refused ? <ProblemNote problem={{ severity: 'error', message: refused }} /> : null}
        <div className={classes.dialogFoot}>
          {formPossible ? (
            <SegmentedControl
              size="xs"
              data={[
                { value: 'form', label: 'Form' },
                { value: 'json', label: 'JSON' },
              ]}
              value={view}
              onChange={setView}
              aria-label="How to enter the input"
            />
          ) : (
            <span />
          )}
          <Button type="submit" loading={starting}>
            Run
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function remembered(key: string): Json | undefined {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? 'null') as Json) ?? undefined;
  } catch {
    return undefined;
  }
}

/** What the schema gives as defaults. */
function defaultsOf(schema: JsonObject): JsonObject {
  const { properties } = schema;
  if (!properties || typeof properties !== 'object' || Array.isArray(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, field]): [string, Json][] => {
      if (!field || typeof field !== 'object' || Array.isArray(field)) return [];
      const examples = field.examples;
      const value = field.default ?? (Array.isArray(examples) ? examples[0] : undefined);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

'use client';
import type { Step } from '@/core/workflow/workflow';
import { formSchemaOf } from '../fields/field-schema';
import { SchemaForm } from '../fields/schema-form';
import { updateStep } from '../model/step-operations';
import { useStore } from '../model/use-store';
import { useSession } from '../session-context';
import classes from './panel.module.css';
import { ProblemNote } from './problem-note';

/** A step's settings, as a form of its node type's schema. */
export function SetupTab({ step }: { step: Step }) {
  const session = useSession();
  const problems = useStore(session.problems, (now) => now.all);
  const mine = problems.filter((problem) => problem.step === step.id);
  const definition = session.definitions.get(step.uses);
  const elsewhere = mine.filter((problem) => !/(^|\.)with\./.test(problem.path));
  return (
    <>
      {elsewhere.map((problem) => (
        <ProblemNote key={problem.path + problem.message} problem={problem} />
      ))}
      {definition ? <p className={classes.about}>{definition.description}</p> : null}
      <SchemaForm
        schema={definition ? formSchemaOf(definition) : {}}
        value={step.with}
        disabled={!session.access.edit}
        problems={mine}
        step={step.id}
        onChange={(value, name) => session.draft.apply(updateStep(step.id, { with: value }), `${step.id}.with.${name}`)}
      />
    </>
  );
}

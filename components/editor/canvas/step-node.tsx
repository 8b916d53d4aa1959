'use client';
import { Handle, type NodeProps, Position } from '@xyflow/react';
import { memo } from 'react';
import type { StepFlowNode } from '../model/flow-elements';
import { useKeyed } from '../model/use-store';
import { NodeIcon } from '../node-icon';
import { useSession } from '../session-context';
import { ExitHandle } from './exit-handle';
import classes from './node.module.css';
import { ProblemMark } from './problem-mark';
import { StatusChip } from './status-chip';
import { subtitleOf } from './subtitle';
import { UndoHandles } from './undo-handles';
import { useHandles } from './use-handles';

/** A step on the canvas: 248 × 64, saying what it is and what it does. */
export const StepNode = memo(function StepNode({ id, data, selected }: NodeProps<StepFlowNode>) {
  const { step, exits, undoes } = data;
  const session = useSession();
  const definition = session.definitions.get(step.uses);
  const run = useKeyed(session.run.steps, id);
  const problem = useKeyed(session.problemOf, id);
  const title = step.title || step.id;
  const subtitle = subtitleOf(definition, step.with, step.uses);
  useHandles(id, `${exits.map((exit) => exit.id)}|${undoes}|${step.compensate}`);
  return (
    <div
      className={classes.card}
      data-selected={selected || undefined}
      data-status={run?.status}
      data-problem={problem?.severity}
      data-undoes={undoes || undefined}
    >
      <Handle id="in" type="target" position={Position.Left} className={classes.handle} isConnectable={session.access.edit && !undoes} />
      <UndoHandles undone={step.compensate !== undefined} undoes={undoes} />
      <StatusChip id={id} undoes={undoes} />
      {problem ? <ProblemMark problem={problem} /> : null}
      <NodeIcon icon={definition?.icon} color={definition?.color} />
      <span className={classes.words}>
        <span className={classes.title} title={title}>
          {title}
        </span>
        <span className={classes.subtitle} title={subtitle}>
          {subtitle}
        </span>
      </span>
      {exits.map((exit, place) => (
        <ExitHandle key={exit.id} node={id} exit={exit} place={place} count={exits.length} title={title} />
      ))}
      {run?.status === 'failed' && run.error ? (
        <span className={classes.error} title={run.error.message}>
          {run.error.message}
        </span>
      ) : null}
    </div>
  );
});

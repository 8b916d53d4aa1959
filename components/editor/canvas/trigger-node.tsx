'use client';
import { Handle, type NodeProps, Position } from '@xyflow/react';
import { memo } from 'react';
import { updateUi } from '../model/editor-actions';
import type { TriggerFlowNode } from '../model/flow-elements';
import { NodeIcon } from '../node-icon';
import { useSession } from '../session-context';
import classes from './node.module.css';
import { subtitleOf } from './subtitle';

/** What starts the runs. Without any trigger of its own a workflow shows the implicit start. */
export const TriggerNode = memo(function TriggerNode({ id, data, selected }: NodeProps<TriggerFlowNode>) {
  const session = useSession();
  const type = data.trigger?.type ?? 'manual';
  const definition = session.definitions.get(type);
  const title = data.trigger ? (definition?.title ?? type) : 'Start';
  const subtitle = data.trigger ? subtitleOf(definition, data.trigger.with, type) : 'Run button or API';
  return (
    <div className={classes.card} data-trigger data-selected={selected || undefined}>
      <NodeIcon icon={definition?.icon} color={definition?.color} />
      <span className={classes.words}>
        <span className={classes.title}>{title}</span>
        <span className={classes.subtitle} title={subtitle}>
          {subtitle}
        </span>
      </span>
      <Handle id="out" type="source" position={Position.Right} className={classes.handle} isConnectable={session.access.edit} />
      {data.empty && session.access.edit ? (
        <button type="button" className={`${classes.first} nodrag nopan`} onClick={() => updateUi(session, { palette: { after: { step: id } } })}>
          + Add the first step
        </button>
      ) : null}
    </div>
  );
});

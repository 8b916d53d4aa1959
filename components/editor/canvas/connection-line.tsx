'use client';
import { type ConnectionLineComponentProps, getBezierPath } from '@xyflow/react';
import { refusal } from '../model/connection';
import { type FlowNode, portOf } from '../model/flow-elements';
import { useSession } from '../session-context';

/** The line while a connection is drawn. Over a node that refuses it, it turns red and says why. */
export function ConnectionLine({ fromX, fromY, toX, toY, fromPosition, toPosition, fromNode, toNode, fromHandle }: ConnectionLineComponentProps<FlowNode>) {
  const session = useSession();
  const [path] = getBezierPath({ sourceX: fromX, sourceY: fromY, sourcePosition: fromPosition, targetX: toX, targetY: toY, targetPosition: toPosition });
  const forwards = fromHandle.type === 'source';
  const reason = toNode
    ? refusal(
        session.draft.workflow.get(),
        { source: forwards ? fromNode.id : toNode.id, target: forwards ? toNode.id : fromNode.id, port: forwards ? portOf(fromHandle.id) : undefined },
        session.definitions,
      )
    : undefined;
  return (
    <g>
      <path d={path} fill="none" stroke={reason ? 'var(--hd-failed)' : 'var(--hd-accent)'} strokeWidth={2} />
      <circle cx={toX} cy={toY} r={5} fill="var(--hd-card)" stroke={reason ? 'var(--hd-failed)' : 'var(--hd-accent)'} strokeWidth={2} />
      {reason ? (
        <text x={toX} y={toY + 26} textAnchor="middle" fill="var(--hd-failed)" fontSize={12} paintOrder="stroke" stroke="var(--hd-canvas)" strokeWidth={4}>
          {reason}
        </text>
      ) : null}
    </g>
  );
}

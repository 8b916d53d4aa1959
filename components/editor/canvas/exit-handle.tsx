'use client';
import { IconPlus } from '@tabler/icons-react';
import { Handle, Position } from '@xyflow/react';
import { updateUi } from '../model/editor-actions';
import { handleOf, type NodeExit } from '../model/flow-elements';
import { useSession } from '../session-context';
import classes from './node.module.css';

/** One exit of a node: the dot to draw from, its label, and while nothing follows a button that asks what happens next. */
export function ExitHandle({
  node,
  exit,
  place,
  count,
  title,
  within,
}: {
  node: string;
  exit: NodeExit;
  place: number;
  count: number;
  title: string;
  /** height that the exits share, px; absent: all of the node's */
  within?: number;
}) {
  const session = useSession();
  const share = (place + 1) / (count + 1);
  const top = within === undefined ? `${share * 100}%` : `${share * within}px`;
  const name = exit.label ? `“${exit.label}”` : 'it';
  return (
    <>
      <Handle
        id={handleOf(exit.id)}
        type="source"
        position={Position.Right}
        style={{ top }}
        data-port={exit.id}
        className={classes.handle}
        isConnectable={session.access.edit}
      />
      {exit.label ? (
        <span className={classes.portLabel} style={{ top }} data-port={exit.id}>
          {exit.label}
        </span>
      ) : null}
      {exit.open && session.access.edit ? (
        <button
          type="button"
          className={`${classes.add} nodrag nopan`}
          data-labelled={exit.label ? true : undefined}
          style={{ top }}
          tabIndex={-1}
          aria-label={`Add a step after ${title}${exit.label ? `, exit ${name}` : ''}`}
          onClick={(event) => {
            event.stopPropagation();
            updateUi(session, { palette: { after: { step: node, port: exit.id || undefined } } });
          }}
        >
          <IconPlus size={14} stroke={2} aria-hidden />
        </button>
      ) : null}
    </>
  );
}

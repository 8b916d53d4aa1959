import { Handle, Position } from '@xyflow/react';
import { UNDO_PORT } from '../model/graph';
import classes from './node.module.css';

/** Where the dashed line of `compensate` begins and ends; it is chosen in the settings, not drawn. */
export function UndoHandles({ undone, undoes }: { undone: boolean; undoes: boolean }) {
  return (
    <>
      {undone ? <Handle id={UNDO_PORT} type="source" position={Position.Bottom} className={classes.undoHandle} isConnectable={false} /> : null}
      {undoes ? <Handle id={UNDO_PORT} type="target" position={Position.Top} className={classes.undoHandle} isConnectable={false} /> : null}
    </>
  );
}

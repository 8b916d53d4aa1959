'use client';
import { BaseEdge, type EdgeProps, getBezierPath } from '@xyflow/react';
import { memo, useState } from 'react';
import { updateUi } from '../model/editor-actions';
import type { FlowEdge } from '../model/flow-elements';
import { isTriggerId, UNDO_PORT } from '../model/graph';
import { useKeyed, useStore } from '../model/use-store';
import { useSession } from '../session-context';
import classes from './edge.module.css';
import { edgeState, startedBy } from './edge-state';

/** A connection, coloured by what its target did. Never animated: that alone cost a third of a frame. */
export const StepEdge = memo(function StepEdge(props: EdgeProps<FlowEdge>) {
  const { source, target, data, selected, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition } = props;
  const session = useSession();
  const [hovered, setHovered] = useState(false);
  const from = useKeyed(session.run.steps, source);
  const to = useKeyed(session.run.steps, target);
  const [path, x, y] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  const started = useStore(session.run.run, (run) => startedBy(session.draft.workflow.get(), source, run?.trigger));
  const implied = data?.implied ?? false;
  const undo = data?.connection.port === UNDO_PORT;
  const state = implied && !started && isTriggerId(source) ? undefined : edgeState(from, to, data?.connection.port, implied);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hovering only shows the button; the palette opens from the keyboard as well
    <g
      className={classes.edge}
      data-state={state}
      data-implied={data?.implied || undefined}
      data-undo={undo || undefined}
      data-selected={selected || undefined}
      onMouseEnter={() => setHovered(true)}
      onMouseLeave={() => setHovered(false)}
    >
      <BaseEdge path={path} interactionWidth={24} className={classes.path} />
      {undo ? (
        <text x={x} y={y + 4} textAnchor="middle" className={classes.undo}>
          undo
        </text>
      ) : null}
      {(hovered || selected) && session.access.edit && data && !undo ? (
        // biome-ignore lint/a11y/useSemanticElements: there is no button element in SVG
        <g
          role="button"
          tabIndex={-1}
          aria-label="Insert a step here"
          className={`${classes.insert} nopan nodrag`}
          transform={`translate(${x} ${y})`}
          onClick={(event) => {
            event.stopPropagation();
            updateUi(session, { palette: { between: data.connection } });
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' || event.key === ' ') updateUi(session, { palette: { between: data.connection } });
          }}
        >
          <circle r="16" className={classes.reach} />
          <circle r="11" />
          <path d="M-4.5 0H4.5M0 -4.5V4.5" />
        </g>
      ) : null}
    </g>
  );
});

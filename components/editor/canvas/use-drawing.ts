'use client';
import { type FinalConnectionState, type Connection as FlowConnection, useReactFlow } from '@xyflow/react';
import { useMemo } from 'react';
import { refusal } from '../model/connection';
import { connectNodes, say, updateUi } from '../model/editor-actions';
import { type FlowEdge, type FlowNode, portOf } from '../model/flow-elements';
import { NODE_HEIGHT } from '../model/graph';
import { useSession } from '../session-context';

const toConnection = (c: FlowConnection | FlowEdge) => ({ source: c.source, port: portOf(c.sourceHandle), target: c.target });

/** Drawing connections: what may be connected is, what may not says why, and a line let go over nothing asks what happens next. */
export function useDrawing() {
  const session = useSession();
  const flow = useReactFlow<FlowNode, FlowEdge>();
  return useMemo(() => {
    const reasonAgainst = (connection: ReturnType<typeof toConnection>) => refusal(session.draft.workflow.get(), connection, session.definitions);
    return {
      onConnect: (connection: FlowConnection) => void connectNodes(session, toConnection(connection)),
      isValidConnection: (connection: FlowConnection | FlowEdge) => reasonAgainst(toConnection(connection)) === undefined,
      onConnectEnd(event: MouseEvent | TouchEvent, state: FinalConnectionState) {
        if (!state.fromNode || state.isValid) return;
        const handle = state.fromHandle;
        if (state.toNode) {
          const forwards = handle?.type === 'source';
          const [source, target] = forwards ? [state.fromNode.id, state.toNode.id] : [state.toNode.id, state.fromNode.id];
          const reason = reasonAgainst({ source, target, port: forwards ? portOf(handle?.id) : undefined });
          if (reason) say(session, reason);
          return;
        }
        if (handle?.type !== 'source') return;
        const point = 'changedTouches' in event ? event.changedTouches[0] : event;
        if (!point) return;
        const place = flow.screenToFlowPosition({ x: point.clientX, y: point.clientY });
        updateUi(session, { palette: { after: { step: state.fromNode.id, port: portOf(handle.id) }, position: { x: place.x, y: place.y - NODE_HEIGHT / 2 } } });
      },
    };
  }, [session, flow]);
}

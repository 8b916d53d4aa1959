'use client';
import {
  Background,
  BackgroundVariant,
  ConnectionLineType,
  type FinalConnectionState,
  type Connection as FlowConnection,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { type DragEvent, useCallback, useEffect, useRef } from 'react';
import { refusal } from '../model/connection';
import { connectNodes, insertNode, openNode, say, updateUi } from '../model/editor-actions';
import { type FlowEdge, type FlowNode, portOf } from '../model/flow-elements';
import { NODE_HEIGHT, NODE_WIDTH } from '../model/graph';
import { loadStepPanel } from '../panel/panel';
import { useSession, useUi } from '../session-context';
import classes from './canvas.module.css';
import { CanvasControls } from './canvas-controls';
import { ConnectionLine } from './connection-line';
import { PALETTE_TYPE } from './palette-type';
import { StepEdge } from './step-edge';
import { StepNode } from './step-node';
import { TriggerNode } from './trigger-node';
import { useCanvasElements } from './use-canvas-elements';
import { useCanvasKeys } from './use-canvas-keys';
import { openingView, useCanvasView } from './use-canvas-view';
import { useClipboard } from './use-clipboard';

const nodeTypes = { step: StepNode, trigger: TriggerNode };
const edgeTypes = { step: StepEdge };
const labels = {
  'node.a11yDescription.default': 'Press Enter to open it, arrow keys to go to its neighbours, Shift and arrow keys to move it, Delete to delete it.',
  'edge.a11yDescription.default': 'Press Enter to select it, Delete to delete it.',
};

/** The canvas: what can be seen and moved of the workflow. */
export function Canvas() {
  return (
    <ReactFlowProvider>
      <Flow />
    </ReactFlowProvider>
  );
}

function Flow() {
  const session = useSession();
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const frame = useRef<HTMLDivElement>(null);
  const { nodes, edges, onNodesChange, onEdgesChange, onDragStop, clear } = useCanvasElements();
  const { edit } = session.access;
  useCanvasView(frame);
  useCanvasKeys(frame);
  useClipboard();

  const toConnection = (c: FlowConnection | FlowEdge) => ({ source: c.source, port: portOf(c.sourceHandle), target: c.target });
  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      if (!state.fromNode || state.isValid) return;
      const handle = state.fromHandle;
      if (state.toNode) {
        const forwards = handle?.type === 'source';
        const [source, target] = forwards ? [state.fromNode.id, state.toNode.id] : [state.toNode.id, state.fromNode.id];
        const reason = refusal(session.draft.workflow.get(), { source, target, port: forwards ? portOf(handle?.id) : undefined }, session.definitions);
        if (reason) say(session, reason);
        return;
      }
      if (handle?.type !== 'source') return;
      const point = 'changedTouches' in event ? event.changedTouches[0] : event;
      if (!point) return;
      const place = flow.screenToFlowPosition({ x: point.clientX, y: point.clientY });
      updateUi(session, { palette: { after: { step: state.fromNode.id, port: portOf(handle.id) }, position: { x: place.x, y: place.y - NODE_HEIGHT / 2 } } });
    },
    [session, flow],
  );
  const onDrop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(PALETTE_TYPE);
    if (!type) return;
    event.preventDefault();
    const place = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    insertNode(session, type, { position: { x: place.x - NODE_WIDTH / 2, y: place.y - NODE_HEIGHT / 2 } });
  };
  return (
    <div ref={frame} className={classes.frame}>
      <ReactFlow<FlowNode, FlowEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onNodeDragStop={onDragStop}
        onSelectionDragStop={(event, dragged) => onDragStop(event, undefined, dragged)}
        onNodeClick={(event, node) => {
          if (!event.shiftKey && !event.metaKey && !event.ctrlKey) openNode(session, node.id);
        }}
        onNodeMouseEnter={() => void loadStepPanel()}
        onPaneClick={clear}
        onConnect={(connection) => connectNodes(session, toConnection(connection))}
        onConnectEnd={onConnectEnd}
        isValidConnection={(connection) => refusal(session.draft.workflow.get(), toConnection(connection), session.definitions) === undefined}
        onDragOver={(event) => {
          if (event.dataTransfer.types.includes(PALETTE_TYPE)) event.preventDefault();
        }}
        onDrop={onDrop}
        connectionLineType={ConnectionLineType.Bezier}
        connectionLineComponent={ConnectionLine}
        connectionRadius={28}
        nodesDraggable={edit}
        nodesConnectable={edit}
        deleteKeyCode={null}
        selectionKeyCode="Shift"
        multiSelectionKeyCode={['Shift', 'Meta', 'Control']}
        panOnScroll
        zoomOnDoubleClick={false}
        disableKeyboardA11y
        onlyRenderVisibleElements={nodes.length > 150}
        nodeDragThreshold={3}
        minZoom={0.1}
        maxZoom={2}
        onInit={() => openingView(flow, frame.current)}
        proOptions={{ hideAttribution: true }}
        ariaLabelConfig={labels}
        aria-label="Workflow canvas"
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.6} color="var(--hd-dot)" bgColor="var(--hd-canvas)" />
        <CanvasControls onFit={() => session.view.current?.fit()} />
      </ReactFlow>
      <Hint />
    </div>
  );
}

/** What just was refused, above the footer; goes away by itself. */
function Hint() {
  const session = useSession();
  const hint = useUi((ui) => ui.hint);
  useEffect(() => {
    if (!hint) return;
    const timer = setTimeout(() => updateUi(session, { hint: '' }), 6000);
    return () => clearTimeout(timer);
  }, [hint, session]);
  return hint ? <div className={classes.hint}>{hint}</div> : null;
}

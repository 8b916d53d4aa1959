'use client';
import {
  Background,
  BackgroundVariant,
  ConnectionLineType,
  type FinalConnectionState,
  type Connection as FlowConnection,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { type DragEvent, useCallback, useEffect, useRef } from 'react';
import { refusal } from '../model/connection';
import { connectNodes, insertNode, say, selectNodes, updateUi } from '../model/editor-actions';
import { type FlowEdge, type FlowNode, portOf } from '../model/flow-elements';
import { NODE_HEIGHT, NODE_WIDTH } from '../model/graph';
import type { CanvasView } from '../model/session';
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
import { useClipboard } from './use-clipboard';

const nodeTypes = { step: StepNode, trigger: TriggerNode };
const edgeTypes = { step: StepEdge };
const fitOptions = { padding: 0.12, maxZoom: 1, minZoom: 0.25 };
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
          if (!event.shiftKey && !event.metaKey && !event.ctrlKey) selectNodes(session, [node.id], true);
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
        <CanvasControls onFit={() => void flow.fitView(fitOptions)} />
      </ReactFlow>
      <Hint />
    </div>
  );
}

/** Everything in view; on a narrow screen, where that would be too small to read, the beginning of the flow. */
function openingView(flow: ReactFlowInstance<FlowNode, FlowEdge>, frame: HTMLElement | null): void {
  const bounds = flow.getNodesBounds(flow.getNodes());
  const { clientWidth = 0, clientHeight = 0 } = frame ?? {};
  if (clientWidth > 700 || (bounds.width + 80) * 0.55 < clientWidth) return void flow.fitView(fitOptions);
  const zoom = 0.7;
  void flow.setViewport({ x: 20 - bounds.x * zoom, y: clientHeight / 2 - (bounds.y + bounds.height / 2) * zoom, zoom });
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

/** Gives the rest of the editor a hold on the camera. */
function useCanvasView(frame: React.RefObject<HTMLDivElement | null>): void {
  const session = useSession();
  const flow = useReactFlow<FlowNode, FlowEdge>();
  useEffect(() => {
    const view: CanvasView = {
      fit: () => void flow.fitView(fitOptions),
      toFlow: (point) => flow.screenToFlowPosition(point),
      centre: () => {
        const box = frame.current?.getBoundingClientRect();
        const middle = flow.screenToFlowPosition({ x: (box?.left ?? 0) + (box?.width ?? 0) / 2, y: (box?.top ?? 0) + (box?.height ?? 0) / 2 });
        return { x: middle.x - NODE_WIDTH / 2, y: middle.y - NODE_HEIGHT / 2 };
      },
      reveal: (id) => setTimeout(() => revealNode(id), 60),
      focus: (id) => frame.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }),
    };
    // after the panel has opened and the frame has its new width
    const revealNode = (id: string) => {
      const node = flow.getNode(id);
      const box = frame.current?.getBoundingClientRect();
      if (!node || !box) return;
      const from = flow.screenToFlowPosition({ x: box.left + 24, y: box.top + 24 });
      const to = flow.screenToFlowPosition({ x: box.right - 24, y: box.bottom - 24 });
      const { x, y } = node.position;
      if (x >= from.x && y >= from.y && x + NODE_WIDTH <= to.x && y + NODE_HEIGHT <= to.y) return;
      void flow.setCenter(x + NODE_WIDTH / 2, y + NODE_HEIGHT / 2, { zoom: Math.max(flow.getZoom(), 0.5) });
    };
    session.view.current = view;
    return () => {
      session.view.current = undefined;
    };
  }, [session, flow, frame]);
}

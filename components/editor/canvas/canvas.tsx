'use client';
import { Background, BackgroundVariant, ConnectionLineType, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { type DragEvent, useEffect, useRef } from 'react';
import { completeLayout } from '../model/auto-layout';
import { insertNode, openNode, updateUi } from '../model/editor-actions';
import type { FlowEdge, FlowNode } from '../model/flow-elements';
import { frameAt } from '../model/frame';
import { NODE_HEIGHT, NODE_WIDTH } from '../model/graph';
import { loadStepPanel } from '../panel/panel';
import { useSession, useUi } from '../session-context';
import classes from './canvas.module.css';
import { CanvasControls } from './canvas-controls';
import { ConnectionLine } from './connection-line';
import { LazyLoopNode } from './lazy-loop-node';
import { PALETTE_TYPE } from './palette-type';
import { StepEdge } from './step-edge';
import { StepNode } from './step-node';
import { TriggerNode } from './trigger-node';
import { useCanvasElements } from './use-canvas-elements';
import { useCanvasKeys } from './use-canvas-keys';
import { openingView, useCanvasView } from './use-canvas-view';
import { useClipboard } from './use-clipboard';
import { useDragging } from './use-dragging';
import { useDrawing } from './use-drawing';

const nodeTypes = { step: StepNode, loop: LazyLoopNode, trigger: TriggerNode };
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
  const { nodes, edges, onNodesChange, onEdgesChange, reset, clear } = useCanvasElements();
  const drag = useDragging(reset);
  const drawing = useDrawing();
  const { edit } = session.access;
  useCanvasView(frame);
  useCanvasKeys(frame);
  useClipboard();

  const onDrop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(PALETTE_TYPE);
    if (!type) return;
    event.preventDefault();
    const place = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const workflow = session.draft.workflow.get();
    const into = frameAt(workflow, place, completeLayout(workflow, session.definitions), session.definitions, session.ui.get().collapsed);
    updateUi(session, { dropTarget: undefined });
    insertNode(session, type, { into, position: { x: place.x - NODE_WIDTH / 2, y: place.y - NODE_HEIGHT / 2 } });
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
        onNodeDrag={drag.over}
        onNodeDragStop={drag.stop}
        onSelectionDrag={(event, dragged) => drag.over(event, undefined, dragged)}
        onSelectionDragStop={(event, dragged) => drag.stop(event, undefined, dragged)}
        onNodeClick={(event, node) => {
          if (!event.shiftKey && !event.metaKey && !event.ctrlKey) openNode(session, node.id);
        }}
        onNodeMouseEnter={() => void loadStepPanel()}
        onPaneClick={clear}
        {...drawing}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes(PALETTE_TYPE)) return;
          event.preventDefault();
          drag.over(event.nativeEvent, undefined, []);
        }}
        onDragLeave={() => updateUi(session, { dropTarget: undefined })}
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

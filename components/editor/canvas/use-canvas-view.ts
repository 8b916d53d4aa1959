'use client';
import { type ReactFlowInstance, useReactFlow } from '@xyflow/react';
import { type RefObject, useEffect } from 'react';
import type { FlowEdge, FlowNode } from '../model/flow-elements';
import { NODE_WIDTH, nodeHeight } from '../model/graph';
import type { CanvasView } from '../model/session';
import { useSession } from '../session-context';

type Flow = ReactFlowInstance<FlowNode, FlowEdge>;
interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The smallest zoom a workflow opens with: below it titles cannot be read. */
const READABLE = 0.72;
const MARGIN = 24;

/** Gives the rest of the editor a hold on the camera. */
export function useCanvasView(frame: RefObject<HTMLDivElement | null>): void {
  const session = useSession();
  const flow = useReactFlow<FlowNode, FlowEdge>();
  useEffect(() => {
    const view: CanvasView = {
      fit: () => void showAll(flow, frame.current),
      toFlow: (point) => flow.screenToFlowPosition(point),
      centre: () => {
        const free = freeArea(frame.current);
        const middle = flow.screenToFlowPosition({ x: (free.left + free.right) / 2, y: (free.top + free.bottom) / 2 });
        return { x: middle.x - NODE_WIDTH / 2, y: middle.y - nodeHeight(1) / 2 };
      },
      // after the panel has opened and the frame has its new width
      reveal: (id) => setTimeout(() => reveal(flow, frame.current, id), 60),
      focus: (id) => frame.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }),
    };
    session.view.current = view;
    return () => {
      session.view.current = undefined;
    };
  }, [session, flow, frame]);
}

/** Everything in view; where that would be too small to read, the beginning of the flow at a size that can be read. */
export function openingView(flow: Flow, frame: HTMLElement | null): void {
  const nodes = flow.getNodes();
  const bounds = flow.getNodesBounds(nodes);
  const { clientWidth = 0, clientHeight = 0 } = frame ?? {};
  const room = { width: clientWidth - 2 * MARGIN, height: clientHeight - 2 * MARGIN };
  if (room.width >= bounds.width * READABLE && room.height >= bounds.height * READABLE) return showAll(flow, frame);
  const triggers = flow.getNodesBounds(nodes.filter((node) => node.type === 'trigger'));
  // as a whole where its height fits, else at the height of what starts it
  const { y, height } = room.height >= bounds.height * READABLE ? bounds : triggers;
  void flow.setViewport({ x: MARGIN - bounds.x * READABLE, y: clientHeight / 2 - (y + height / 2) * READABLE, zoom: READABLE });
}

function showAll(flow: Flow, frame: HTMLElement | null): void {
  const box = frame?.getBoundingClientRect();
  if (!box) return;
  const free = freeArea(frame);
  const room = 0.06 * (free.right - free.left);
  const px = (length: number) => `${Math.round(length)}px` as const;
  const padding = {
    left: px(free.left - box.left + room),
    top: px(free.top - box.top + MARGIN),
    right: px(box.right - free.right + room),
    bottom: px(box.bottom - free.bottom + MARGIN),
  };
  void flow.fitView({ padding, maxZoom: 1, minZoom: 0.1 });
}

/** Pans just far enough that a node can be seen whole. */
function reveal(flow: Flow, frame: HTMLElement | null, id: string): void {
  const node = flow.getNode(id);
  if (!node || !frame) return;
  const free = freeArea(frame);
  const { zoom, ...viewport } = flow.getViewport();
  // inside a loop, a node's own position counts from the corner of the frame
  const at = flow.flowToScreenPosition(flow.getInternalNode(id)?.internals.positionAbsolute ?? node.position);
  const x = shift(at.x, (node.width ?? NODE_WIDTH) * zoom, free.left, free.right);
  const y = shift(at.y, (node.height ?? nodeHeight(1)) * zoom, free.top, free.bottom);
  if (x !== 0 || y !== 0) void flow.setViewport({ x: viewport.x + x, y: viewport.y + y, zoom });
}

/** How far to move what lies at `from` with this length, so that it lies between two limits; its beginning counts most. */
function shift(from: number, length: number, low: number, high: number): number {
  if (from < low + MARGIN) return low + MARGIN - from;
  const over = from + length - (high - MARGIN);
  return over > 0 ? -Math.min(over, from - low - MARGIN) : 0;
}

/** What of the canvas the panel leaves free: beside it on a wide screen, above it on a narrow one. */
function freeArea(frame: HTMLElement | null): Area {
  const { left = 0, top = 0, right = 0, bottom = 0 } = frame?.getBoundingClientRect() ?? {};
  const panel = document.querySelector('[data-editor-panel]')?.getBoundingClientRect();
  if (!panel || panel.left >= right || panel.top >= bottom) return { left, top, right, bottom };
  return panel.left <= left ? { left, top, right, bottom: Math.max(top, panel.top) } : { left, top, right: panel.left, bottom };
}

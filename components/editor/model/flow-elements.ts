import type { Edge, Node } from '@xyflow/react';
import type { NodePort } from '@/core/node/definition';
import type { Step, Trigger, Workflow } from '@/core/workflow/workflow';
import { completeLayout } from './auto-layout';
import type { Connection } from './connection';
import { anchorOf, BODY_CORNER, type Positions, sizeOf } from './frame';
import { type Definitions, exitsOf, isLoop, NODE_HEIGHT, NODE_WIDTH, nodeHeight, rootsOf, START_ID, triggerIds, UNDO_PORT, undoingSteps } from './graph';

/** `open`: nothing is connected to it yet */
export type NodeExit = NodePort & { open: boolean };
/** `undoes`: it runs only to undo another step */
export type StepNodeData = { step: Step; exits: NodeExit[]; undoes: boolean; [key: string]: unknown };
/** `inside`: how many steps its body has, bodies within included; `start`: how far below the top of the frame its iterations begin */
export type LoopNodeData = { step: Step; exits: NodeExit[]; undoes: boolean; collapsed: boolean; inside: number; start: number; [key: string]: unknown };
export type TriggerNodeData = { trigger: Trigger | undefined; empty: boolean; [key: string]: unknown };
export type StepFlowNode = Node<StepNodeData, 'step'>;
export type LoopFlowNode = Node<LoopNodeData, 'loop'>;
export type TriggerFlowNode = Node<TriggerNodeData, 'trigger'>;
export type FlowNode = StepFlowNode | LoopFlowNode | TriggerFlowNode;
export type FlowEdge = Edge<{ connection: Connection; implied: boolean }, 'step'>;

/** The handle inside a frame that its iterations start from. */
export const BODY_HANDLE = '$body';
/** The handle id of an exit; React Flow wants a word for the plain one. */
export const handleOf = (port: string | undefined): string => port || 'out';
export const portOf = (handle: string | null | undefined): string | undefined => (!handle || handle === 'out' ? undefined : handle);
export const edgeId = ({ source, port, target }: Connection): string => `${source}/${port ?? ''}->${target}`;

/** The connection an edge's id tells. */
export function connectionOf(edge: string): Connection | undefined {
  const [, source, port, target] = /^([^/]+)\/(.*)->([^>]+)$/.exec(edge) ?? [];
  return source && target ? { source, port: port || undefined, target } : undefined;
}

/**
 * React Flow's nodes of a workflow, loops before what is inside them. A node whose step, exits and place are what they were keeps its identity
 * (selection and measurements included), so that typing in one form renders one node.
 */
export function toNodes(
  workflow: Workflow,
  definitions: Definitions,
  previous: readonly FlowNode[],
  collapsed: ReadonlySet<string> = new Set(),
  positions: Positions = completeLayout(workflow, definitions),
): FlowNode[] {
  const known = new Map(previous.map((node) => [node.id, node]));
  const empty = workflow.steps.length === 0;
  const nodes = triggerIds(workflow).map((id, index): FlowNode => {
    const trigger = id === START_ID ? undefined : workflow.triggers[index];
    const position = positions[id] ?? { x: 0, y: 0 };
    const was = known.get(id);
    if (was?.type === 'trigger' && was.data.trigger === trigger && was.data.empty === empty && samePlace(was.position, position)) return was;
    const size = { width: NODE_WIDTH, height: nodeHeight(1) };
    return { ...(was as TriggerFlowNode | undefined), id, type: 'trigger', position, ...size, data: { trigger, empty }, deletable: id !== START_ID };
  });
  const addLevel = (level: readonly Step[], parent: string | undefined): void => {
    const used = new Set(level.flatMap((step) => step.dependsOn.map((d) => `${d.step}/${d.port ?? ''}`)));
    const undoing = undoingSteps(level);
    for (const step of level) {
      const undoes = undoing.has(step.id);
      const exits = exitsOf(step, definitions).map((exit) => ({ ...exit, open: !undoes && exit.id !== 'error' && !used.has(`${step.id}/${exit.id}`) }));
      const place = { id: step.id, position: positions[step.id] ?? { x: 0, y: 0 }, ...(parent === undefined ? {} : { parentId: parent }) };
      const was = known.get(step.id);
      if (!isLoop(step, definitions)) {
        const size = { width: NODE_WIDTH, height: nodeHeight(exits.length) };
        nodes.push(kept(was, { ...place, ...size, type: 'step', data: { step, exits, undoes } }));
        continue;
      }
      const folded = collapsed.has(step.id);
      const size = folded ? { width: NODE_WIDTH, height: NODE_HEIGHT } : sizeOf(step, positions, definitions);
      nodes.push(
        kept(was, {
          ...place,
          ...size,
          type: 'loop',
          data: { step, exits, undoes, collapsed: folded, inside: countInside(step), start: startOf(step, positions, definitions) },
        }),
      );
      if (!folded && step.steps) addLevel(step.steps, step.id);
    }
  };
  addLevel(workflow.steps, undefined);
  return nodes;
}

/** Level with the first step of an iteration. */
function startOf(loop: Step, positions: Positions, definitions: Definitions): number {
  const first = rootsOf(loop.steps ?? []).find((step) => positions[step.id]);
  return first ? (positions[first.id]?.y ?? 0) + anchorOf(first, definitions) : BODY_CORNER.y + NODE_HEIGHT / 2;
}

const countInside = (step: Step): number => (step.steps ?? []).reduce((sum, inner) => sum + 1 + countInside(inner), 0);

/** The node as it was when nothing of it changed; else what React Flow measured and selected goes on. */
function kept(was: FlowNode | undefined, next: StepFlowNode | LoopFlowNode): FlowNode {
  if (!was || was.type === 'trigger' || was.type !== next.type) return next;
  const same =
    was.data.step === next.data.step &&
    was.parentId === next.parentId &&
    was.data.undoes === next.data.undoes &&
    (was.data as LoopNodeData).collapsed === (next.data as LoopNodeData).collapsed &&
    (was.data as LoopNodeData).start === (next.data as LoopNodeData).start &&
    was.width === next.width &&
    was.height === next.height &&
    sameExits(was.data.exits, next.data.exits) &&
    samePlace(was.position, next.position);
  if (same) return was;
  const { parentId: _, ...rest } = was;
  return { ...rest, ...next } as FlowNode;
}

/**
 * React Flow's edges: dependencies, failures that lead somewhere, what undoes a step, and the implied ones from triggers, or from the loop around them,
 * to roots.
 */
export function toEdges(workflow: Workflow, previous: readonly FlowEdge[], collapsed: ReadonlySet<string> = new Set()): FlowEdge[] {
  const known = new Map(previous.map((edge) => [edge.id, edge]));
  const made = new Set<string>();
  const edges: FlowEdge[] = [];
  const add = (connection: Connection, implied: boolean, handles?: { sourceHandle: string; targetHandle: string }) => {
    const id = edgeId(connection);
    if (made.has(id)) return;
    made.add(id);
    const ends = { sourceHandle: handleOf(connection.port), targetHandle: 'in', ...handles };
    const { source, target } = connection;
    edges.push(known.get(id) ?? { id, type: 'step', source, target, ...ends, data: { connection, implied }, deletable: !implied, selectable: true });
  };
  const addLevel = (level: readonly Step[], parent: string | undefined): void => {
    const ids = new Set(level.map((step) => step.id));
    for (const step of level) {
      for (const { step: source, port } of step.dependsOn)
        if (ids.has(source)) add(port ? { source, port, target: step.id } : { source, target: step.id }, false);
      if (step.onError?.kind === 'goto' && ids.has(step.onError.step)) add({ source: step.id, port: 'error', target: step.onError.step }, false);
      if (step.compensate !== undefined && ids.has(step.compensate))
        add({ source: step.id, port: UNDO_PORT, target: step.compensate }, false, { sourceHandle: UNDO_PORT, targetHandle: UNDO_PORT });
      if (step.steps && !collapsed.has(step.id)) addLevel(step.steps, step.id);
    }
    const roots = rootsOf(level);
    if (parent !== undefined) for (const root of roots) add({ source: parent, target: root.id }, true, { sourceHandle: BODY_HANDLE, targetHandle: 'in' });
    else for (const source of triggerIds(workflow)) for (const root of roots) add({ source, target: root.id }, true);
  };
  addLevel(workflow.steps, undefined);
  return edges;
}

const samePlace = (a: { x: number; y: number }, b: { x: number; y: number }): boolean => a.x === b.x && a.y === b.y;
const sameExits = (a: NodeExit[], b: NodeExit[]): boolean =>
  a.length === b.length && a.every((exit, index) => exit.id === b[index]?.id && exit.label === b[index]?.label && exit.open === b[index]?.open);

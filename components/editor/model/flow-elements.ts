import type { Edge, Node } from '@xyflow/react';
import type { NodePort } from '@/core/node/definition';
import type { Step, Trigger, Workflow } from '@/core/workflow/workflow';
import { completeLayout, type Positions } from './auto-layout';
import type { Connection } from './connection';
import { type Definitions, exitsOf, NODE_WIDTH, nodeHeight, rootsOf, START_ID, triggerIds } from './graph';

/** `open`: nothing is connected to it yet */
export type NodeExit = NodePort & { open: boolean };
export type StepNodeData = { step: Step; exits: NodeExit[]; [key: string]: unknown };
export type TriggerNodeData = { trigger: Trigger | undefined; empty: boolean; [key: string]: unknown };
export type StepFlowNode = Node<StepNodeData, 'step'>;
export type TriggerFlowNode = Node<TriggerNodeData, 'trigger'>;
export type FlowNode = StepFlowNode | TriggerFlowNode;
export type FlowEdge = Edge<{ connection: Connection; implied: boolean }, 'step'>;

/** The handle id of an exit; React Flow wants a word for the plain one. */
export const handleOf = (port: string | undefined): string => port || 'out';
export const portOf = (handle: string | null | undefined): string | undefined => (!handle || handle === 'out' ? undefined : handle);
export const edgeId = ({ source, port, target }: Connection): string => `${source}/${port ?? ''}->${target}`;

/**
 * React Flow's nodes of a workflow. A node whose step, exits and place are what they were keeps its identity (selection and measurements included),
 * so that typing in one form renders one node.
 */
export function toNodes(
  workflow: Workflow,
  definitions: Definitions,
  previous: readonly FlowNode[],
  positions: Positions = completeLayout(workflow, definitions),
): FlowNode[] {
  const known = new Map(previous.map((node) => [node.id, node]));
  const used = new Set(workflow.steps.flatMap((step) => step.dependsOn.map((d) => `${d.step}/${d.port ?? ''}`)));
  const empty = workflow.steps.length === 0;
  const triggers = triggerIds(workflow).map((id, index): FlowNode => {
    const trigger = id === START_ID ? undefined : workflow.triggers[index];
    const position = positions[id] ?? { x: 0, y: 0 };
    const was = known.get(id);
    if (was?.type === 'trigger' && was.data.trigger === trigger && was.data.empty === empty && samePlace(was.position, position)) return was;
    const size = { width: NODE_WIDTH, height: nodeHeight(1) };
    return { ...(was as TriggerFlowNode | undefined), id, type: 'trigger', position, ...size, data: { trigger, empty }, deletable: id !== START_ID };
  });
  const steps = workflow.steps.map((step): FlowNode => {
    const exits = exitsOf(step, definitions).map((exit) => ({ ...exit, open: exit.id !== 'error' && !used.has(`${step.id}/${exit.id}`) }));
    const position = positions[step.id] ?? { x: 0, y: 0 };
    const was = known.get(step.id);
    if (was?.type === 'step' && was.data.step === step && sameExits(was.data.exits, exits) && samePlace(was.position, position)) return was;
    return {
      ...(was as StepFlowNode | undefined),
      id: step.id,
      type: 'step',
      position,
      width: NODE_WIDTH,
      height: nodeHeight(exits.length),
      data: { step, exits },
    };
  });
  return [...triggers, ...steps];
}

/** React Flow's edges: dependencies, failures that lead somewhere, and the implied ones from triggers to roots. */
export function toEdges(workflow: Workflow, previous: readonly FlowEdge[]): FlowEdge[] {
  const known = new Map(previous.map((edge) => [edge.id, edge]));
  const ids = new Set(workflow.steps.map((step) => step.id));
  const made = new Set<string>();
  const edges: FlowEdge[] = [];
  const add = (connection: Connection, implied: boolean) => {
    const id = edgeId(connection);
    if (made.has(id)) return;
    made.add(id);
    edges.push(
      known.get(id) ?? {
        id,
        type: 'step',
        source: connection.source,
        sourceHandle: handleOf(connection.port),
        target: connection.target,
        targetHandle: 'in',
        data: { connection, implied },
        deletable: !implied,
        selectable: true,
      },
    );
  };
  for (const step of workflow.steps) {
    for (const { step: source, port } of step.dependsOn)
      if (ids.has(source)) add(port ? { source, port, target: step.id } : { source, target: step.id }, false);
    if (step.onError?.kind === 'goto' && ids.has(step.onError.step)) add({ source: step.id, port: 'error', target: step.onError.step }, false);
  }
  const roots = rootsOf(workflow);
  for (const source of triggerIds(workflow)) for (const root of roots) add({ source, target: root.id }, true);
  return edges;
}

const samePlace = (a: { x: number; y: number }, b: { x: number; y: number }): boolean => a.x === b.x && a.y === b.y;
const sameExits = (a: NodeExit[], b: NodeExit[]): boolean =>
  a.length === b.length && a.every((exit, index) => exit.id === b[index]?.id && exit.label === b[index]?.label && exit.open === b[index]?.open);

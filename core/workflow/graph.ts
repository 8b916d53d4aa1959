import type { Workflow } from './workflow';

/** An edge of the drawn graph. `port` `error` is what `on_error: {goto}` draws. */
export interface WorkflowEdge {
  from: number;
  to: number;
  port?: string;
}

/** A workflow's steps by index with their connections, in both directions. Unknown ids are left out. */
export interface Adjacency {
  indexOf: ReadonlyMap<string, number>;
  edges: WorkflowEdge[];
  /** edges that end at each step */
  incoming: WorkflowEdge[][];
  /** edges that start at each step */
  outgoing: WorkflowEdge[][];
}

/** Dependencies and gotos as edges. Of steps with the same id the first counts. Linear. */
export function adjacencyOf(workflow: Pick<Workflow, 'steps'>): Adjacency {
  const indexOf = new Map<string, number>();
  workflow.steps.forEach((step, i) => {
    if (!indexOf.has(step.id)) indexOf.set(step.id, i);
  });
  const edges: WorkflowEdge[] = [];
  const incoming: WorkflowEdge[][] = workflow.steps.map(() => []);
  const outgoing: WorkflowEdge[][] = workflow.steps.map(() => []);
  const connect = (from: number | undefined, to: number | undefined, port?: string): void => {
    if (from === undefined || to === undefined) return;
    const edge: WorkflowEdge = port === undefined ? { from, to } : { from, to, port };
    edges.push(edge);
    outgoing[from]?.push(edge);
    incoming[to]?.push(edge);
  };
  workflow.steps.forEach((step, i) => {
    for (const { step: source, port } of step.dependsOn) connect(indexOf.get(source), i, port);
  });
  workflow.steps.forEach((step, i) => {
    if (step.onError?.kind !== 'goto') return;
    const target = indexOf.get(step.onError.step);
    const drawn = target !== undefined && workflow.steps[target]?.dependsOn.some((each) => each.step === step.id && each.port === 'error');
    if (!drawn && target !== i) connect(i, target, 'error');
  });
  return { indexOf, edges, incoming, outgoing };
}

/** Steps that start a run, and steps nothing follows but on failure (their outputs are the run's), by index. */
export function rootsOf(adjacency: Adjacency): number[] {
  return adjacency.incoming.flatMap((edges, i) => (edges.length === 0 ? [i] : []));
}
export function leavesOf(adjacency: Adjacency): number[] {
  return adjacency.outgoing.flatMap((edges, i) => (edges.every((edge) => edge.port === 'error') ? [i] : []));
}

/** Step indices such that each comes after all it depends on; the steps of cycles are missing. */
export function topologicalOrder(adjacency: Adjacency): number[] {
  const pending = adjacency.incoming.map((edges) => edges.length);
  const order = rootsOf(adjacency);
  for (let at = 0; at < order.length; at++) {
    for (const { to } of adjacency.outgoing[order[at] as number] ?? []) {
      const left = (pending[to] ?? 0) - 1;
      pending[to] = left;
      if (left === 0) order.push(to);
    }
  }
  return order;
}

/** One cycle for each knot of steps that wait for each other, as indices in the order of execution. Linear. */
export function cyclesOf(adjacency: Adjacency): number[][] {
  const order = topologicalOrder(adjacency);
  const settled = new Uint8Array(adjacency.incoming.length);
  for (const i of order) settled[i] = 1;
  const cycles: number[][] = [];
  // every step that is left has a predecessor that is left: walking back from it must come round
  const visited = new Int32Array(settled.length).fill(-1);
  for (let start = 0; start < settled.length; start++) {
    const walk: number[] = [];
    for (let at: number | undefined = start; at !== undefined && settled[at] === 0; ) {
      if (visited[at] === start) {
        cycles.push(walk.slice(walk.indexOf(at)).reverse());
        break;
      }
      if (visited[at] !== -1) break;
      visited[at] = start;
      walk.push(at);
      at = adjacency.incoming[at]?.find((edge) => settled[edge.from] === 0)?.from;
    }
  }
  return cycles;
}

/** For each step the set of steps that come before it, as bits. Only meaningful without cycles. */
export function ancestorsOf(adjacency: Adjacency): (step: number, ancestor: number) => boolean {
  const words = Math.ceil(adjacency.incoming.length / 32);
  const bits = new Uint32Array(words * adjacency.incoming.length);
  for (const i of topologicalOrder(adjacency)) {
    for (const { from } of adjacency.incoming[i] ?? []) {
      for (let w = 0; w < words; w++) bits[i * words + w] = (bits[i * words + w] ?? 0) | (bits[from * words + w] ?? 0);
      const at = i * words + (from >> 5);
      bits[at] = (bits[at] ?? 0) | (1 << (from & 31));
    }
  }
  return (step, ancestor) => ((bits[step * words + (ancestor >> 5)] ?? 0) & (1 << (ancestor & 31))) !== 0;
}

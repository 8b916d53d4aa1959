import type { Workflow } from '@/core/workflow/workflow';
import { type Definitions, exitsOf, incoming, nodeHeight, triggerIds } from './graph';

export type Positions = Record<string, { x: number; y: number }>;
const PITCH_X = 310;
const GAP_Y = 48;

/** Positions for every node, left to right by depth; within a column in the order of what leads to it. Cycles do not hang it. Time O(n log n + edges). */
export function layeredLayout(workflow: Workflow, definitions: Definitions): Positions {
  const columns: string[][] = [triggerIds(workflow)];
  const depth = depths(workflow);
  for (const step of workflow.steps) {
    const column = depth.get(step.id) ?? 1;
    while (columns.length <= column) columns.push([]);
    columns[column]?.push(step.id);
  }
  const byId = new Map(workflow.steps.map((step) => [step.id, step]));
  const height = (id: string): number => {
    const step = byId.get(id);
    return nodeHeight(step ? exitsOf(step, definitions).length : 1);
  };
  const centre = new Map<string, number>();
  const positions: Positions = {};
  columns.forEach((ids, column) => {
    const wanted = new Map(ids.map((id, order) => [id, wantedCentre(workflow, id, byId, centre, definitions) ?? order * 1e-6]));
    const sorted = column === 0 ? ids : [...ids].sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    const total = sorted.reduce((sum, id) => sum + height(id) + GAP_Y, -GAP_Y);
    const middle = sorted.length > 0 ? sorted.reduce((sum, id) => sum + (wanted.get(id) ?? 0), 0) / sorted.length : 0;
    let y = middle - total / 2;
    for (const id of sorted) {
      positions[id] = { x: column * PITCH_X, y: Math.round(y) };
      centre.set(id, y + height(id) / 2);
      y += height(id) + GAP_Y;
    }
  });
  return positions;
}

/** The stored layout, with a place for every node that has none: all by layers when nothing is placed, else right of what leads to it. */
export function completeLayout(workflow: Workflow, definitions: Definitions): Positions {
  const ids = [...triggerIds(workflow), ...workflow.steps.map((step) => step.id)];
  const missing = ids.filter((id) => !workflow.layout[id]);
  if (missing.length === 0) return workflow.layout;
  const layered = layeredLayout(workflow, definitions);
  if (missing.length === ids.length) return layered;
  const positions: Positions = { ...workflow.layout };
  for (const id of missing) {
    const step = workflow.steps.find((s) => s.id === id);
    positions[id] = step
      ? placeAfter(
          positions,
          incoming(workflow, step).map((d) => d.step),
        )
      : beforeAll(positions);
  }
  return positions;
}

/** A free place right of `before` (or of everything), below whatever is already there. */
export function placeAfter(positions: Positions, before: string[]): { x: number; y: number } {
  const sources = before.flatMap((id) => positions[id] ?? []);
  const all = Object.values(positions);
  const x = sources.length > 0 ? Math.max(...sources.map((p) => p.x)) + PITCH_X : all.length > 0 ? Math.min(...all.map((p) => p.x)) + PITCH_X : 0;
  const y = sources.length > 0 ? sources.reduce((sum, p) => sum + p.y, 0) / sources.length : (all[0]?.y ?? 0);
  return freePlace(positions, { x, y });
}

/** `wanted`, moved down until it covers no other node. */
export function freePlace(positions: Positions, wanted: { x: number; y: number }): { x: number; y: number } {
  const place = { x: Math.round(wanted.x), y: Math.round(wanted.y) };
  const covered = () => Object.values(positions).some((p) => Math.abs(p.x - place.x) < 260 && Math.abs(p.y - place.y) < 80);
  for (let tries = 0; tries < 500 && covered(); tries += 1) place.y += 112;
  return place;
}

function beforeAll(positions: Positions): { x: number; y: number } {
  const all = Object.values(positions);
  if (all.length === 0) return { x: 0, y: 0 };
  const left = all.reduce((min, p) => (p.x < min.x ? p : min));
  return freePlace(positions, { x: left.x - PITCH_X, y: left.y });
}

/** The mean height of what leads here; a port's edge pulls towards its side, so that `true` lies above `false`. */
function wantedCentre(
  workflow: Workflow,
  id: string,
  byId: ReadonlyMap<string, Workflow['steps'][number]>,
  centre: ReadonlyMap<string, number>,
  definitions: Definitions,
): number | undefined {
  const step = byId.get(id);
  if (!step) return undefined;
  const pulls = incoming(workflow, step).flatMap((dependency) => {
    const at = centre.get(dependency.step);
    const source = byId.get(dependency.step);
    if (at === undefined || !source) return [];
    const exits = exitsOf(source, definitions);
    const place = exits.findIndex((exit) => exit.id === (dependency.port ?? ''));
    return [at + (place < 0 ? 0 : (place - (exits.length - 1) / 2) * 60)];
  });
  return pulls.length > 0 ? pulls.reduce((sum, y) => sum + y, 0) / pulls.length : 0;
}

/** Longest distance from a root, roots at 1. A cycle counts as far as it is walked first. */
function depths(workflow: Workflow): Map<string, number> {
  const depth = new Map<string, number>();
  const waiting = new Map<string, number>();
  const after = new Map<string, string[]>(workflow.steps.map((step) => [step.id, []]));
  for (const step of workflow.steps) {
    const before = incoming(workflow, step).filter((d) => after.has(d.step));
    waiting.set(step.id, before.length);
    for (const dependency of before) after.get(dependency.step)?.push(step.id);
  }
  const queue = workflow.steps.filter((step) => waiting.get(step.id) === 0).map((step) => step.id);
  for (const id of queue) depth.set(id, 1);
  for (let head = 0; head < queue.length; head += 1) {
    const id = queue[head] as string;
    for (const next of after.get(id) ?? []) {
      depth.set(next, Math.max(depth.get(next) ?? 1, (depth.get(id) ?? 1) + 1));
      const left = (waiting.get(next) ?? 1) - 1;
      waiting.set(next, left);
      if (left === 0) queue.push(next);
    }
  }
  return depth;
}

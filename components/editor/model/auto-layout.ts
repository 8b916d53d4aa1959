import type { Step, Workflow } from '@/core/workflow/workflow';
import { anchorOf, BODY_CORNER, type Point, type Positions, type Rect, rectsOf, sizeOf } from './frame';
import { type Definitions, exitsOf, incoming, NODE_HEIGHT, NODE_WIDTH, triggerIds, undoingSteps } from './graph';

/** Between the columns, and between the nodes of one. */
const GAP_X = 62;
const GAP_Y = 48;

/** Positions for every node, left to right by depth; within a column in the order of what leads to it. Bodies of loops likewise, inside their frame. */
export function layeredLayout(workflow: Workflow, definitions: Definitions): Positions {
  const positions: Positions = {};
  layLevel(workflow.steps, triggerIds(workflow), positions, definitions);
  return positions;
}

/** Lays one level, inner ones first, since frames are as large as what is inside. Cycles do not hang it. Time O(n log n + edges). */
function layLevel(level: readonly Step[], triggers: string[], positions: Positions, definitions: Definitions): void {
  for (const step of level) {
    if (!step.steps || step.steps.length === 0) continue;
    layLevel(step.steps, [], positions, definitions);
    intoFrame(step.steps, positions);
  }
  const byId = new Map(level.map((step) => [step.id, step]));
  const columns = columnsOf(level, triggers);
  const size = (id: string) => {
    const step = byId.get(id);
    return step ? sizeOf(step, positions, definitions) : { width: NODE_WIDTH, height: NODE_HEIGHT };
  };
  const anchor = (id: string): number => {
    const step = byId.get(id);
    return step ? anchorOf(step, definitions) : NODE_HEIGHT / 2;
  };
  const undoing = undoingSteps(level);
  const centre = new Map<string, number>();
  let x = 0;
  for (const [column, ids] of columns.entries()) {
    const wanted = new Map(ids.map((id, order) => [id, wantedCentre(level, id, byId, centre, definitions) ?? order * 1e-6]));
    // what undoes a step lies below what runs
    const rank = (id: string) => (undoing.has(id) ? Number.MAX_VALUE : (wanted.get(id) ?? 0));
    const sorted = column === 0 && triggers.length > 0 ? ids : [...ids].sort((a, b) => rank(a) - rank(b) || 0);
    let below = 0;
    const offsets = sorted.map((id) => {
      const offset = below;
      below += size(id).height + GAP_Y;
      return offset;
    });
    // so that, taken together, each is as near as can be to what leads to it
    const running = sorted.filter((id) => !undoing.has(id));
    const start = running.reduce((sum, id, i) => sum + (wanted.get(id) ?? 0) - anchor(id) - (offsets[i] ?? 0), 0) / Math.max(1, running.length);
    sorted.forEach((id, i) => {
      const y = start + (offsets[i] ?? 0);
      positions[id] = { x, y: Math.round(y) };
      centre.set(id, y + anchor(id));
    });
    x += Math.max(NODE_WIDTH, ...sorted.map((id) => size(id).width)) + GAP_X;
  }
}

/** Moves a body so that it begins at the corner of its frame. */
function intoFrame(body: readonly Step[], positions: Positions): void {
  const places = body.flatMap((step) => positions[step.id] ?? []);
  const left = Math.min(...places.map((place) => place.x));
  const top = Math.min(...places.map((place) => place.y));
  for (const step of body) {
    const at = positions[step.id];
    if (at) positions[step.id] = { x: at.x - left + BODY_CORNER.x, y: at.y - top + BODY_CORNER.y };
  }
}

function columnsOf(level: readonly Step[], triggers: string[]): string[][] {
  const columns: string[][] = triggers.length > 0 ? [triggers] : [];
  const first = columns.length;
  const depth = depths(level);
  for (const step of level) {
    const column = (depth.get(step.id) ?? 1) - 1 + first;
    while (columns.length <= column) columns.push([]);
    columns[column]?.push(step.id);
  }
  return columns;
}

const complete = new WeakMap<Workflow, Positions>();

/** The stored layout, with a place for every node that has none: a level by layers when nothing of it is placed, else right of what leads to it. */
export function completeLayout(workflow: Workflow, definitions: Definitions): Positions {
  const known = complete.get(workflow);
  if (known) return known;
  const positions: Positions = { ...workflow.layout };
  let layered: Positions | undefined;
  let missed = false;
  const fill = (level: readonly Step[], parent: string | undefined): void => {
    for (const step of level) if (step.steps) fill(step.steps, step.id);
    const ids = [...(parent === undefined ? triggerIds(workflow) : []), ...level.map((step) => step.id)];
    const missing = ids.filter((id) => !positions[id]);
    if (missing.length === 0) return;
    missed = true;
    if (missing.length === ids.length) {
      layered ??= layeredLayout(workflow, definitions);
      for (const id of ids) positions[id] = layered[id] ?? { x: 0, y: 0 };
      return;
    }
    for (const id of missing) {
      const step = level.find((each) => each.id === id);
      const rects = rectsOf(workflow, parent, positions, definitions);
      const before = step ? incoming(level, step).map((d) => d.step) : [];
      positions[id] = step ? placeAfter(rects, before, sizeOf(step, positions, definitions)) : beforeAll(rects);
    }
  };
  fill(workflow.steps, undefined);
  const result = missed ? positions : workflow.layout;
  complete.set(workflow, result);
  return result;
}

/** A free place right of `before` (or of what is leftmost), below whatever is already there. */
export function placeAfter(rects: ReadonlyMap<string, Rect>, before: string[], size = { width: NODE_WIDTH, height: NODE_HEIGHT }): Point {
  const sources = before.flatMap((id) => rects.get(id) ?? []);
  const all = [...rects.values()];
  const x =
    sources.length > 0
      ? Math.max(...sources.map((r) => r.x + r.width)) + GAP_X
      : all.length > 0
        ? Math.min(...all.map((r) => r.x)) + NODE_WIDTH + GAP_X
        : BODY_CORNER.x;
  const y = sources.length > 0 ? sources.reduce((sum, r) => sum + r.y, 0) / sources.length : (all[0]?.y ?? BODY_CORNER.y);
  return freePlace(rects.values(), { x, y }, size);
}

/** `wanted`, moved down until it covers nothing. */
export function freePlace(rects: Iterable<Rect>, wanted: Point, size = { width: NODE_WIDTH, height: NODE_HEIGHT }): Point {
  const all = [...rects];
  const place = { x: Math.round(wanted.x), y: Math.round(wanted.y) };
  const covered = () =>
    all.some((r) => place.x < r.x + r.width + 12 && r.x < place.x + size.width + 12 && place.y < r.y + r.height + 16 && r.y < place.y + size.height + 16);
  for (let tries = 0; tries < 500 && covered(); tries += 1) place.y += NODE_HEIGHT + GAP_Y;
  return place;
}

function beforeAll(rects: ReadonlyMap<string, Rect>): Point {
  const all = [...rects.values()];
  if (all.length === 0) return { x: 0, y: 0 };
  const left = all.reduce((min, r) => (r.x < min.x ? r : min));
  return freePlace(all, { x: left.x - NODE_WIDTH - GAP_X, y: left.y });
}

/** The mean height of what leads here; a port's edge pulls towards its side, so that `true` lies above `false`. */
function wantedCentre(
  level: readonly Step[],
  id: string,
  byId: ReadonlyMap<string, Step>,
  centre: ReadonlyMap<string, number>,
  definitions: Definitions,
): number | undefined {
  const step = byId.get(id);
  if (!step) return undefined;
  const pulls = incoming(level, step).flatMap((dependency) => {
    const at = centre.get(dependency.step);
    const source = byId.get(dependency.step);
    if (at === undefined || !source) return [];
    const exits = exitsOf(source, definitions);
    const place = exits.findIndex((exit) => exit.id === (dependency.port ?? ''));
    return [at + (place < 0 ? 0 : (place - (exits.length - 1) / 2) * 60)];
  });
  return pulls.length > 0 ? pulls.reduce((sum, y) => sum + y, 0) / pulls.length : 0;
}

/** Longest distance from a root, roots at 1. A cycle counts as far as it is walked first. What undoes a step is as deep as that step. */
function depths(level: readonly Step[]): Map<string, number> {
  const depth = new Map<string, number>();
  const waiting = new Map<string, number>();
  const after = new Map<string, string[]>(level.map((step) => [step.id, []]));
  for (const step of level) {
    const before = incoming(level, step).filter((d) => after.has(d.step));
    waiting.set(step.id, before.length);
    for (const dependency of before) after.get(dependency.step)?.push(step.id);
  }
  const queue = level.filter((step) => waiting.get(step.id) === 0).map((step) => step.id);
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
  for (const step of level) if (step.compensate !== undefined && after.has(step.compensate)) depth.set(step.compensate, depth.get(step.id) ?? 1);
  return depth;
}

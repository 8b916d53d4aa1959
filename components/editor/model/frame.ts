import type { Step, Workflow } from '@/core/workflow/workflow';
import { type Definitions, exitsOf, isLoop, NODE_HEIGHT, NODE_WIDTH, nodeHeight, START_ID, triggerIds } from './graph';
import { bodyOf, loopsAround, placesOf } from './step-tree';

export interface Point {
  x: number;
  y: number;
}
export type Positions = Record<string, Point>;
export interface Rect extends Point {
  width: number;
  height: number;
}

/**
 * A loop is a frame around its body. `layout` keeps the place of a step inside a loop relative to the top left corner of its frame, so that moving a
 * loop moves its body without touching it; the size of a frame is never stored, it follows from what is inside.
 */
export const FRAME_HEAD = NODE_HEIGHT;
/** Where the first step of a body goes: right of the dot that iterations start from. */
export const BODY_CORNER: Point = { x: 72, y: FRAME_HEAD + 28 };
const FRAME_EDGE = 36;
const EMPTY_FRAME = { width: 400, height: FRAME_HEAD + 132 };

/** What a step measures on the canvas; a loop as large as its body wants it. */
export function sizeOf(step: Step, positions: Positions, definitions: Definitions): { width: number; height: number } {
  if (!isLoop(step, definitions)) return { width: NODE_WIDTH, height: nodeHeight(exitsOf(step, definitions).length) };
  let { width, height } = EMPTY_FRAME;
  for (const inner of step.steps ?? []) {
    const at = positions[inner.id];
    if (!at) continue;
    const size = sizeOf(inner, positions, definitions);
    width = Math.max(width, at.x + size.width + FRAME_EDGE + (isLoop(inner, definitions) ? 0 : 16));
    height = Math.max(height, at.y + size.height + FRAME_EDGE);
  }
  return { width, height };
}

/** Where connections reach a step, from its top: at the middle of a card, in the head of a frame. */
export const anchorOf = (step: Step, definitions: Definitions): number =>
  isLoop(step, definitions) ? FRAME_HEAD / 2 : nodeHeight(exitsOf(step, definitions).length) / 2;

/** What lies on a level, by id: its steps, on the outermost also the triggers. Steps without a place are left out. */
export function rectsOf(workflow: Workflow, parent: string | undefined, positions: Positions, definitions: Definitions): Map<string, Rect> {
  const rects = new Map<string, Rect>();
  if (parent === undefined) {
    for (const id of triggerIds(workflow)) {
      const at = positions[id];
      if (at) rects.set(id, { x: at.x, y: at.y, width: NODE_WIDTH, height: NODE_HEIGHT });
    }
  }
  for (const step of bodyOf(workflow, parent)) {
    const at = positions[step.id];
    if (at) rects.set(step.id, { x: at.x, y: at.y, ...sizeOf(step, positions, definitions) });
  }
  return rects;
}

/** Where the corner of a loop's frame is on the canvas; of the outermost level the origin. */
export function originOf(workflow: Workflow, parent: string | undefined, positions: Positions): Point {
  if (parent === undefined) return { x: 0, y: 0 };
  return [...loopsAround(workflow, parent), parent].reduce((sum, loop) => ({ x: sum.x + (positions[loop]?.x ?? 0), y: sum.y + (positions[loop]?.y ?? 0) }), {
    x: 0,
    y: 0,
  });
}

/** The places of all nodes on the canvas, whatever frame they are in. */
export function absolutePlaces(workflow: Workflow, positions: Positions): Positions {
  const places: Positions = {};
  for (const id of [START_ID, ...triggerIds(workflow)]) if (positions[id]) places[id] = positions[id];
  for (const [id, { parent }] of placesOf(workflow)) {
    const at = positions[id];
    const origin = parent === undefined ? { x: 0, y: 0 } : (places[parent] ?? { x: 0, y: 0 });
    if (at) places[id] = { x: origin.x + at.x, y: origin.y + at.y };
  }
  return places;
}

/** The innermost open frame at a point of the canvas that is not one of `except` or inside one. */
export function frameAt(
  workflow: Workflow,
  point: Point,
  positions: Positions,
  definitions: Definitions,
  collapsed: ReadonlySet<string>,
  except: ReadonlySet<string> = new Set(),
): string | undefined {
  const search = (steps: readonly Step[], origin: Point): string | undefined => {
    // later ones are drawn above earlier ones
    for (const step of [...steps].reverse()) {
      const at = positions[step.id];
      if (!at || except.has(step.id) || collapsed.has(step.id) || !isLoop(step, definitions)) continue;
      const corner = { x: origin.x + at.x, y: origin.y + at.y };
      const { width, height } = sizeOf(step, positions, definitions);
      if (point.x < corner.x || point.y < corner.y || point.x > corner.x + width || point.y > corner.y + height) continue;
      return search(step.steps ?? [], corner) ?? step.id;
    }
    return undefined;
  };
  return search(workflow.steps, { x: 0, y: 0 });
}

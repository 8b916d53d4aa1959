import type { Step, Workflow } from '@/core/workflow/workflow';
import { completeLayout, freePlace, placeAfter } from './auto-layout';
import { titleOf } from './connection';
import { cutFrom, onlyAmong } from './delete-steps';
import type { Operation } from './draft-store';
import { absolutePlaces, BODY_CORNER, type Positions, type Rect, rectsOf, sizeOf } from './frame';
import { type Definitions, incoming } from './graph';
import { bodyOf, isInside, levelOf, mapLevel, outermost, parentOf, stepOf } from './step-tree';

const roundPlace = ({ x, y }: { x: number; y: number }) => ({ x: Math.round(x), y: Math.round(y) });

/** Stores where nodes were dragged to (inside a loop: from its corner), and the drawn places of the rest. Frames grow with what is inside. */
export function moveNodes(moved: Positions, definitions: Definitions): Operation {
  return growing(definitions, (workflow) => {
    const layout = { ...completeLayout(workflow, definitions) };
    for (const [id, place] of Object.entries(moved)) layout[id] = roundPlace(place);
    return { ...workflow, layout };
  });
}

/** Why these steps may not be moved to another level as they are: a connection of theirs would cross the frame. Undefined when they may. */
export function refusalOfMove(workflow: Workflow, ids: string[], to: string | undefined): string | undefined {
  const moved = new Set(outermost(workflow, ids));
  for (const id of moved) {
    if (to !== undefined && (to === id || isInside(workflow, to, id))) return 'A loop cannot be put into itself.';
    if (parentOf(workflow, id) === to) continue;
    const other = neighbours(workflow, id).find((each) => !moved.has(each));
    if (other !== undefined) {
      const crossed = to ?? parentOf(workflow, id) ?? '';
      return `“${titleOf(workflow, id)}” is connected to “${titleOf(workflow, other)}”, and no connection may cross the frame of “${titleOf(workflow, crossed)}”. Remove that connection, or move both.`;
    }
  }
  return undefined;
}

/** The steps that a step is connected to. */
function neighbours(workflow: Workflow, id: string): string[] {
  const level = levelOf(workflow, id);
  const ids = new Set(level.map((step) => step.id));
  const step = stepOf(workflow, id);
  if (!step) return [];
  const after = level.filter((each) => each.dependsOn.some((d) => d.step === id) || each.compensate === id).map((each) => each.id);
  const to = [step.onError?.kind === 'goto' ? step.onError.step : undefined, step.compensate];
  return [...incoming(level, step).map((d) => d.step), ...after, ...to].filter((each): each is string => each !== undefined && ids.has(each) && each !== id);
}

/** Puts steps into a loop, or with `to` undefined onto the outermost level. Connections to what stays behind are closed over the gap. */
export function moveInto(ids: string[], to: string | undefined, definitions: Definitions, places: Positions = {}): Operation {
  return growing(definitions, (workflow) => {
    const moved = outermost(workflow, ids).filter((id) => parentOf(workflow, id) !== to && id !== to && (to === undefined || !isInside(workflow, to, id)));
    if (moved.length === 0) return workflow;
    const layout: Positions = { ...completeLayout(workflow, definitions) };
    const absolute = absolutePlaces(workflow, layout);
    const set = new Set(moved);
    const taken = onlyAmong(
      moved.flatMap((id) => stepOf(workflow, id) ?? []),
      set,
    );
    let next = workflow;
    for (const parent of new Set(moved.map((id) => parentOf(workflow, id)))) next = mapLevel(next, parent, (level) => cutFrom(level, set) as Step[]);
    const rects = rectsOf(next, to, layout, definitions);
    for (const step of taken) {
      const size = sizeOf(step, layout, definitions);
      const at = absolute[step.id];
      const wanted = places[step.id] ?? (to === undefined && at ? at : undefined);
      const place = wanted ? roundPlace(wanted) : placeAfter(rects, [...rects.keys()].slice(-1), size);
      layout[step.id] = places[step.id] ? place : freePlace(rects.values(), place, size);
      rects.set(step.id, { ...(layout[step.id] ?? BODY_CORNER), ...size });
    }
    return { ...mapLevel(next, to, (level) => [...level, ...taken]), layout };
  });
}

/**
 * Runs an operation and lets frames follow it: what lies left of or above the inside of its frame moves the frame there, and what a larger frame would
 * cover makes room.
 */
export function growing(definitions: Definitions, operation: Operation): Operation {
  return (workflow) => {
    const after = operation(workflow);
    if (after === workflow || !after.steps.some((step) => step.steps)) return after;
    const was = completeLayout(workflow, definitions);
    const layout: Positions = { ...completeLayout(after, definitions) };
    const visit = (parent: string | undefined): void => {
      for (const step of bodyOf(after, parent)) {
        if (!step.steps) continue;
        visit(step.id);
        settle(step, layout);
        const old = stepOf(workflow, step.id);
        if (old?.steps && parentOf(workflow, step.id) === parent)
          push(after, parent, step, { ...(was[old.id] ?? BODY_CORNER), ...sizeOf(old, was, definitions) }, layout, definitions);
      }
    };
    visit(undefined);
    return { ...after, layout };
  };
}

/** Nothing lies outside of its frame at the left or top. */
function settle(loop: Step, layout: Positions): void {
  const places = (loop.steps ?? []).flatMap((step) => layout[step.id] ?? []);
  if (places.length === 0) return;
  const left = Math.max(0, BODY_CORNER.x - Math.min(...places.map((p) => p.x)));
  const up = Math.max(0, BODY_CORNER.y - Math.min(...places.map((p) => p.y)));
  if (left === 0 && up === 0) return;
  for (const step of loop.steps ?? []) {
    const at = layout[step.id];
    if (at) layout[step.id] = { x: at.x + left, y: at.y + up };
  }
  const frame = layout[loop.id];
  if (frame) layout[loop.id] = { x: frame.x - left, y: frame.y - up };
}

/** Moves what is right of or below a frame that has grown. */
function push(workflow: Workflow, parent: string | undefined, loop: Step, old: Rect, layout: Positions, definitions: Definitions): void {
  const frame = layout[loop.id];
  if (!frame) return;
  const { width, height } = sizeOf(loop, layout, definitions);
  // a frame that only moved, or grew to the other side, pushes nothing
  const right = Math.max(0, Math.min(width - old.width, frame.x + width - old.x - old.width));
  const down = Math.max(0, Math.min(height - old.height, frame.y + height - old.y - old.height));
  if (right === 0 && down === 0) return;
  for (const [id, rect] of rectsOf(workflow, parent, layout, definitions)) {
    if (id === loop.id) continue;
    if (rect.x >= old.x + old.width) layout[id] = { x: rect.x + right, y: rect.y };
    else if (rect.y >= old.y + old.height && rect.x < frame.x + width && frame.x < rect.x + rect.width) layout[id] = { x: rect.x, y: rect.y + down };
  }
}

import type { GraphStep } from './graph';
import type { Frame, RunState, StepState } from './state';

/** A step of a run: its level and its place there. */
export interface Place {
  frame: Frame;
  index: number;
}

/** The path of a step: its id, in loops followed by the indices of the iterations, `fetch[3][0]`. */
export function pathOf(frame: Frame, index: number): string {
  const id = frame.graph.steps[index]?.id ?? '';
  return frame.suffix === '' ? id : id + frame.suffix;
}

export function stepAt({ frame, index }: Place): StepState {
  return frame.steps[index] as StepState;
}

/** The id in a path. */
export function idOfPath(path: string): string {
  const bracket = path.indexOf('[');
  return bracket < 0 ? path : path.slice(0, bracket);
}

/** The loop indices in a path: of `fetch[3][0]` 3 and 0. */
export function indicesOfPath(path: string): number[] {
  return Array.from(path.matchAll(/\[(\d+)\]/g), (m) => Number(m[1]));
}

/** The step at a path, as long as its iteration is under way. */
export function placeOf(state: RunState, path: string): Place | undefined {
  if (!path.includes('[')) {
    const index = state.graph.indexOf.get(path);
    return index === undefined ? undefined : { frame: state, index };
  }
  const node = state.graph.all.get(idOfPath(path));
  const frame = node && descend(state, node.containers, indicesOfPath(path));
  return node && frame ? { frame, index: node.index } : undefined;
}

/** The iteration at a path such as `each[3]`: its loop and its number. */
export function itemAt(state: RunState, path: string): { loop: Place; item: number } | undefined {
  const node = state.graph.all.get(idOfPath(path));
  const indices = indicesOfPath(path);
  const item = indices.pop();
  const frame = node && descend(state, node.containers, indices);
  return node && frame && item !== undefined ? { loop: { frame, index: node.index }, item } : undefined;
}

function descend(state: RunState, containers: readonly GraphStep[], indices: number[]): Frame | undefined {
  if (containers.length !== indices.length) return undefined;
  let frame: Frame | undefined = state;
  for (let i = 0; i < containers.length; i++) frame = frame?.steps[(containers[i] as GraphStep).index]?.loop?.frames.get(indices[i] as number);
  return frame;
}

/** Whether a level is still to be worked on: false of an iteration that was ended while something in it was still to be done. */
export function isUnderWay(frame: Frame): boolean {
  if (!frame.parent) return true;
  const { frame: outer, index } = frame.parent;
  return outer.steps[index]?.loop?.frames.get(frame.index ?? -1) === frame && isUnderWay(outer);
}

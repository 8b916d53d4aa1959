import type { Workflow } from '@/core/workflow/workflow';
import { excerpt, levelOfAll, paste, pastedIds } from './clipboard';
import { titleOf } from './connection';
import { deleteSteps } from './delete-steps';
import { disconnect } from './edge-operations';
import { say, selectNodes, updateUi } from './editor-actions';
import { toEdges } from './flow-elements';
import { isTriggerId, START_ID } from './graph';
import { moveInto, refusalOfMove } from './move-steps';
import type { EditorSession } from './session';
import { outermost } from './step-tree';
import { deleteTriggers } from './trigger-operations';

/** Deletes what is selected: steps, loops with their body, triggers and connections. */
export function deleteSelection(session: EditorSession): void {
  if (!session.access.edit) return;
  const { selected, selectedEdges } = session.ui.get();
  const before = session.draft.workflow.get();
  const steps = outermost(before, selected);
  const triggers = selected.filter((id) => isTriggerId(id) && id !== START_ID).map((id) => Number(id.slice('trigger:'.length)));
  const edges = toEdges(before, []).filter((edge) => selectedEdges.includes(edge.id));
  if (steps.length + triggers.length + edges.length === 0) return;
  session.draft.apply((workflow) => {
    const cut = disconnect(edges.flatMap((edge) => (edge.data && !edge.data.implied ? [edge.data.connection] : [])))(workflow);
    return deleteTriggers(triggers)(deleteSteps(steps, session.definitions)(cut));
  });
  const first = steps[0] ? titleOf(before, steps[0]) : 'a trigger';
  selectNodes(session, []);
  updateUi(session, { announcement: `Deleted ${steps.length + triggers.length > 0 ? first : 'a connection'}` });
}

export function duplicateSelection(session: EditorSession): void {
  const workflow = session.draft.workflow.get();
  insertSteps(session, excerpt(workflow, [...session.ui.get().selected], session.definitions));
}

/** Inserts the steps of another workflow (a paste, a duplicate) beside what is selected, inside the same loop, and selects them. */
export function insertSteps(session: EditorSession, pasted: Workflow): void {
  if (!session.access.edit || pasted.steps.length === 0) return;
  const workflow = session.draft.workflow.get();
  const names = pastedIds(workflow, pasted);
  const level = levelOfAll(workflow, session.ui.get().selected);
  session.draft.apply(paste(pasted, names, session.definitions, level === 'several' ? undefined : level));
  const made = pasted.steps.map((step) => names.get(step.id) ?? step.id);
  selectNodes(session, made, made.length === 1);
  updateUi(session, { announcement: `${made.length} ${made.length === 1 ? 'step' : 'steps'} pasted` });
}

/** Puts steps into a loop or out of it, where they were dropped; says why when a connection of theirs would cross the frame. Whether they may. */
export function dropInto(session: EditorSession, ids: string[], to: string | undefined, places: Record<string, { x: number; y: number }>): boolean {
  const workflow = session.draft.workflow.get();
  const reason = refusalOfMove(workflow, ids, to);
  if (reason) {
    say(session, reason);
    return false;
  }
  session.draft.apply(moveInto(ids, to, session.definitions, places));
  const moved = ids.length === 1 && ids[0] ? titleOf(workflow, ids[0]) : `${ids.length} steps`;
  updateUi(session, { announcement: to === undefined ? `${moved} moved out of the loop` : `${moved} moved into ${titleOf(workflow, to)}` });
  return true;
}

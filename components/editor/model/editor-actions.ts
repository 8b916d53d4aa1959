import type { JsonObject, Workflow } from '@/core/workflow/workflow';
import { completeLayout, freePlace, layeredLayout } from './auto-layout';
import { excerpt, paste, pastedIds } from './clipboard';
import type { Connection } from './connection';
import { refusal, titleOf } from './connection';
import { connect, disconnect } from './edge-operations';
import { toEdges } from './flow-elements';
import { isTriggerId, START_ID, stepOf } from './graph';
import type { EditorSession, EditorUi, InsertTarget } from './session';
import { addStep, deleteSteps, deleteTriggers, freeStepId, setTriggers } from './step-operations';

export function updateUi(session: EditorSession, changes: Partial<EditorUi>): void {
  session.ui.set((ui) => ({ ...ui, ...changes }));
}

/** Selects nodes; one node alone is also shown in the panel when `open`. */
export function selectNodes(session: EditorSession, ids: readonly string[], open = false): void {
  session.ui.set((ui) => {
    const panel = open && ids.length === 1 ? 'node' : ui.panel === 'node' && ids.length !== 1 ? 'closed' : ui.panel;
    return { ...ui, selected: ids, selectedEdges: [], panel };
  });
}

/** Opens a node's settings and brings it into view. */
export function openNode(session: EditorSession, id: string, tab?: EditorUi['tab']): void {
  selectNodes(session, [id], true);
  if (tab) updateUi(session, { tab });
  session.view.current?.reveal(id);
}

/** Says something to everybody: as a hint on the canvas and to screen readers. */
export function say(session: EditorSession, hint: string): void {
  updateUi(session, { hint, announcement: hint });
}

/** Inserts a node of the catalogue and selects it. Returns its id. */
export function insertNode(session: EditorSession, type: string, target: InsertTarget = {}): string | undefined {
  const definition = session.definitions.get(type);
  if (!definition || !session.access.edit) return undefined;
  const settings = structuredClone(definition.defaults) as JsonObject;
  if (definition.kind === 'trigger') return insertTrigger(session, type, settings);
  const workflow = session.draft.workflow.get();
  const id = freeStepId(workflow, type);
  const unplaced = !target.position && !target.after && !target.between;
  const position = target.position ?? (unplaced && workflow.steps.length > 0 ? session.view.current?.centre() : undefined);
  session.draft.apply(addStep(id, { uses: type, with: settings, title: freeTitle(workflow, definition.title), ...target, position }, session.definitions));
  updateUi(session, { palette: undefined, tab: 'setup', announcement: `${definition.title} added` });
  openNode(session, id);
  return id;
}

function insertTrigger(session: EditorSession, type: string, settings: JsonObject): string {
  const index = session.draft.workflow.get().triggers.length;
  session.draft.apply((workflow) => {
    const layout = { ...completeLayout(workflow, session.definitions) };
    const start = layout[START_ID];
    delete layout[START_ID];
    layout[`trigger:${index}`] = index === 0 && start ? start : freePlace(layout, layout[`trigger:${index - 1}`] ?? { x: 0, y: 0 });
    return { ...setTriggers((triggers) => [...triggers, { type, with: settings }])(workflow), layout };
  });
  updateUi(session, { palette: undefined });
  openNode(session, `trigger:${index}`);
  return `trigger:${index}`;
}

/** `HTTP request`, `HTTP request 2`, …: ten nodes of the same name tell nobody anything. */
function freeTitle(workflow: Workflow, title: string): string {
  const used = new Set(workflow.steps.map((step) => step.title));
  if (!used.has(title)) return title;
  for (let n = 2; ; n += 1) if (!used.has(`${title} ${n}`)) return `${title} ${n}`;
}

/** Draws a connection, or says why not. */
export function connectNodes(session: EditorSession, connection: Connection): boolean {
  if (!session.access.edit) return false;
  const workflow = session.draft.workflow.get();
  const reason = refusal(workflow, connection, session.definitions);
  if (reason) {
    say(session, reason);
    return false;
  }
  session.draft.apply(connect(connection));
  updateUi(session, { announcement: `${titleOf(workflow, connection.source)} connected to ${titleOf(workflow, connection.target)}`, hint: '' });
  return true;
}

/** Deletes what is selected: steps, triggers and connections. */
export function deleteSelection(session: EditorSession): void {
  if (!session.access.edit) return;
  const { selected, selectedEdges } = session.ui.get();
  const steps = selected.filter((id) => !isTriggerId(id));
  const triggers = selected.filter((id) => isTriggerId(id) && id !== START_ID).map((id) => Number(id.slice('trigger:'.length)));
  const edges = toEdges(session.draft.workflow.get(), []).filter((edge) => selectedEdges.includes(edge.id));
  if (steps.length + triggers.length + edges.length === 0) return;
  session.draft.apply((workflow) => {
    const cut = disconnect(edges.flatMap((edge) => (edge.data && !edge.data.implied ? [edge.data.connection] : [])))(workflow);
    return deleteTriggers(triggers)(deleteSteps(steps, session.definitions)(cut));
  });
  const first = stepOf(session.draft.workflow.get(), steps[0] ?? '') ? '' : (steps[0] ?? '');
  selectNodes(session, []);
  updateUi(session, { announcement: `Deleted ${steps.length + triggers.length > 0 ? first || 'a trigger' : 'a connection'}` });
}

export function duplicateSelection(session: EditorSession): void {
  const workflow = session.draft.workflow.get();
  insertSteps(session, excerpt(workflow, [...session.ui.get().selected], session.definitions));
}

/** Inserts the steps of another workflow (a paste, a duplicate) and selects them. */
export function insertSteps(session: EditorSession, pasted: Workflow, at?: { x: number; y: number }): void {
  if (!session.access.edit || pasted.steps.length === 0) return;
  const names = pastedIds(session.draft.workflow.get(), pasted);
  session.draft.apply(paste(pasted, names, session.definitions, at));
  selectNodes(session, [...names.values()], names.size === 1);
  updateUi(session, { announcement: `${names.size} ${names.size === 1 ? 'step' : 'steps'} pasted` });
}

/** Arranges everything by layers. */
export function tidyUp(session: EditorSession): void {
  if (!session.access.edit) return;
  session.draft.apply((workflow) => ({ ...workflow, layout: layeredLayout(workflow, session.definitions) }));
  requestAnimationFrame(() => session.view.current?.fit());
}

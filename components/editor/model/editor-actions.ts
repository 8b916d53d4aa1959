import type { JsonObject, Workflow } from '@/core/workflow/workflow';
import { completeLayout, freePlace, layeredLayout } from './auto-layout';
import { keepCollapsed } from './collapsed';
import { type Connection, refusal, titleOf } from './connection';
import { connect } from './edge-operations';
import { originOf, rectsOf } from './frame';
import { START_ID } from './graph';
import type { EditorSession, EditorUi, InsertTarget } from './session';
import { addStep, freeStepId, levelFor } from './step-operations';
import { loopsAround, placesOf } from './step-tree';
import { setTriggers } from './trigger-operations';

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

/** Opens a node's settings and brings it into view; folded loops around it unfold. */
export function openNode(session: EditorSession, id: string, tab?: EditorUi['tab']): void {
  const around = loopsAround(session.draft.workflow.get(), id);
  if (around.some((loop) => session.ui.get().collapsed.has(loop))) setCollapsed(session, around, false);
  selectNodes(session, [id], true);
  if (tab) updateUi(session, { tab });
  session.view.current?.reveal(id);
}

/** Folds loops to the size of a step, or unfolds them. Kept in this browser: how somebody looks at a workflow is no part of it. */
export function setCollapsed(session: EditorSession, ids: readonly string[], folded: boolean): void {
  const { collapsed } = session.ui.get();
  const next = new Set(folded ? [...collapsed, ...ids] : [...collapsed].filter((id) => !ids.includes(id)));
  updateUi(session, { collapsed: next });
  keepCollapsed(session.workflowId, next);
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
  const id = freeStepId(workflow, type.replaceAll('-', '_'));
  const unplaced = !target.position && !target.after && !target.between && !target.into;
  const wanted = target.position ?? (unplaced && workflow.steps.length > 0 ? session.view.current?.centre() : undefined);
  const origin = originOf(workflow, levelFor(workflow, target), completeLayout(workflow, session.definitions));
  const position = wanted && { x: wanted.x - origin.x, y: wanted.y - origin.y };
  const title = freeTitle(workflow, definition.title);
  const made = { ...target, uses: type, with: settings, title, position, ...(definition.container ? { steps: [] } : {}) };
  session.draft.apply(addStep(id, made, session.definitions));
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
    layout[`trigger:${index}`] =
      index === 0 && start
        ? start
        : freePlace(rectsOf(workflow, undefined, layout, session.definitions).values(), layout[`trigger:${index - 1}`] ?? { x: 0, y: 0 });
    return { ...setTriggers((triggers) => [...triggers, { type, with: settings }])(workflow), layout };
  });
  updateUi(session, { palette: undefined });
  openNode(session, `trigger:${index}`);
  return `trigger:${index}`;
}

/** `HTTP request`, `HTTP request 2`, …: ten nodes of the same name tell nobody anything. */
function freeTitle(workflow: Workflow, title: string): string {
  const used = new Set([...placesOf(workflow).values()].map(({ step }) => step.title));
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

/** Arranges everything by layers. */
export function tidyUp(session: EditorSession): void {
  if (!session.access.edit) return;
  session.draft.apply((workflow) => ({ ...workflow, layout: layeredLayout(workflow, session.definitions) }));
  requestAnimationFrame(() => session.view.current?.fit());
}

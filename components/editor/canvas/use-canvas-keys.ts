'use client';
import { type RefObject, useEffect } from 'react';
import { completeLayout } from '../model/auto-layout';
import { openNode, selectNodes, setCollapsed, tidyUp, updateUi } from '../model/editor-actions';
import { connectionOf } from '../model/flow-elements';
import { absolutePlaces } from '../model/frame';
import { isLoop, UNDO_PORT } from '../model/graph';
import { moveNodes } from '../model/move-steps';
import { deleteSelection, duplicateSelection } from '../model/selection-actions';
import type { EditorSession } from '../model/session';
import { loopsAround, outermost, stepOf } from '../model/step-tree';
import { useSession } from '../session-context';

const arrows: Record<string, { x: number; y: number }> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Whether somebody is typing into something. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('[role="dialog"],[role="menu"],[role="listbox"]') !== null)
  );
}

/** The editor's keys. Those of one character work only while nobody types. */
export function useCanvasKeys(frame: RefObject<HTMLDivElement | null>): void {
  const session = useSession();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      if (globalKey(session, event) || (!isTyping(event.target) && (plainKey(session, event) || nodeKey(session, event, frame.current))))
        event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [session, frame]);
}

function globalKey(session: EditorSession, event: KeyboardEvent): boolean {
  if (!(event.metaKey || event.ctrlKey)) return false;
  const key = event.key.toLowerCase();
  if (key === 'k') return did(() => updateUi(session, { dialog: 'search' }));
  if (key === 'enter') return did(() => window.dispatchEvent(new CustomEvent('heddle:run')));
  if (isTyping(event.target)) return false;
  if (key === 'z') return did(() => (event.shiftKey ? session.draft.redo() : session.draft.undo()));
  if (key === 'y') return did(() => session.draft.redo());
  if (key === 'd') return did(() => duplicateSelection(session));
  if (key === 'a')
    return did(() =>
      selectNodes(
        session,
        session.draft.workflow.get().steps.map((step) => step.id),
      ),
    );
  return false;
}

function plainKey(session: EditorSession, event: KeyboardEvent): boolean {
  if (event.metaKey || event.ctrlKey || event.altKey) return false;
  const { palette, panel, selected } = session.ui.get();
  switch (event.key) {
    case 'a':
    case 'A':
      return session.access.edit && did(() => updateUi(session, { palette: targetOfSelection(session) }));
    case '?':
      return did(() => updateUi(session, { dialog: 'shortcuts' }));
    case '/':
      return did(() => updateUi(session, { dialog: 'search' }));
    case '1':
      return did(() => session.view.current?.fit());
    case 't':
    case 'T':
      return did(() => tidyUp(session));
    case 'f':
    case 'F':
      return foldSelection(session);
    case 'Delete':
    case 'Backspace':
      return did(() => deleteFocused(session, event.target));
    case 'Escape':
      if (palette) return did(() => updateUi(session, { palette: undefined }));
      if (panel !== 'closed') return did(() => closePanel(session, selected[0]));
      return did(() => selectNodes(session, []));
    default:
      return false;
  }
}

/** After the selected node, into the selected connection, else anywhere. */
export function targetOfSelection(session: EditorSession): NonNullable<ReturnType<EditorSession['ui']['get']>['palette']> {
  const { selected, selectedEdges } = session.ui.get();
  const between = connectionOf(selectedEdges[0] ?? '');
  if (between && between.port !== UNDO_PORT) return { between };
  const step = selected.length === 1 && selected[0] ? stepOf(session.draft.workflow.get(), selected[0]) : undefined;
  if (!step) return {};
  if (isLoop(step, session.definitions) && !step.steps?.length) return { into: step.id };
  const ports = session.definitions.get(step.uses)?.ports;
  const first = Array.isArray(ports) ? ports[0]?.id : undefined;
  return { after: { step: step.id, port: typeof ports === 'function' ? 'default' : first } };
}

/** Folds the selected loops, or unfolds them when all of them are folded. */
function foldSelection(session: EditorSession): boolean {
  const { selected, collapsed } = session.ui.get();
  const workflow = session.draft.workflow.get();
  const loops = selected.filter((id) => {
    const step = stepOf(workflow, id);
    return step && isLoop(step, session.definitions);
  });
  return loops.length > 0 && did(() => setCollapsed(session, loops, !loops.every((id) => collapsed.has(id))));
}

function closePanel(session: EditorSession, selected: string | undefined): void {
  updateUi(session, { panel: 'closed' });
  if (selected) session.view.current?.focus(selected);
}

function deleteFocused(session: EditorSession, target: EventTarget | null): void {
  const edge = target instanceof Element ? target.closest('.react-flow__edge')?.getAttribute('data-id') : null;
  const node = target instanceof Element ? target.closest('.react-flow__node')?.getAttribute('data-id') : null;
  if (edge) updateUi(session, { selectedEdges: [edge], selected: [] });
  else if (node && !session.ui.get().selected.includes(node)) selectNodes(session, [node]);
  deleteSelection(session);
}

/** Keys of the node or connection that has the focus. */
function nodeKey(session: EditorSession, event: KeyboardEvent, frame: HTMLElement | null): boolean {
  const target = event.target instanceof Element ? event.target : null;
  const edge = target?.closest('.react-flow__edge')?.getAttribute('data-id');
  if (edge && event.key === 'Enter') return did(() => updateUi(session, { selectedEdges: [edge], selected: [] }));
  const arrow = arrows[event.key];
  const id = target?.closest('.react-flow__node')?.getAttribute('data-id') ?? (arrow && frame?.contains(target) ? session.ui.get().selected[0] : undefined);
  if (!id) return false;
  if (event.key === 'Enter') return target?.tagName !== 'BUTTON' && did(() => openNode(session, id));
  if (event.key === ' ') return target?.tagName !== 'BUTTON' && did(() => selectNodes(session, [id]));
  if (!arrow) return false;
  const workflow = session.draft.workflow.get();
  const positions = completeLayout(workflow, session.definitions);
  const { selected, collapsed } = session.ui.get();
  if (event.shiftKey && session.access.edit) {
    const moved = selected.includes(id) ? [...outermost(workflow, selected), ...selected.filter((each) => !stepOf(workflow, each))] : [id];
    const places = Object.fromEntries(
      moved.flatMap((node) => (positions[node] ? [[node, { x: positions[node].x + arrow.x * 20, y: positions[node].y + arrow.y * 20 }]] : [])),
    );
    return did(() => session.draft.apply(moveNodes(places, session.definitions), 'nudge'));
  }
  const shown = Object.entries(absolutePlaces(workflow, positions)).filter(([each]) => !loopsAround(workflow, each).some((loop) => collapsed.has(loop)));
  const next = nearest(Object.fromEntries(shown), id, arrow);
  if (next) {
    session.view.current?.focus(next);
    selectNodes(session, [next], session.ui.get().panel === 'node');
    session.view.current?.reveal(next);
  }
  return true;
}

/** The nearest node in a direction; what lies off to the side counts double. */
export function nearest(positions: Record<string, { x: number; y: number }>, from: string, arrow: { x: number; y: number }): string | undefined {
  const at = positions[from];
  if (!at) return undefined;
  let best: { id: string; distance: number } | undefined;
  for (const [id, place] of Object.entries(positions)) {
    const along = (place.x - at.x) * arrow.x + (place.y - at.y) * arrow.y;
    if (id === from || along <= 0) continue;
    const aside = Math.abs(arrow.x ? place.y - at.y : place.x - at.x);
    const distance = along + aside * 2;
    if (!best || distance < best.distance) best = { id, distance };
  }
  return best?.id;
}

function did(act: () => unknown): boolean {
  act();
  return true;
}

'use client';
import { applyNodeChanges, type EdgeChange, type NodeChange } from '@xyflow/react';
import { useCallback, useEffect, useState } from 'react';
import { selectNodes, updateUi } from '../model/editor-actions';
import { type FlowEdge, type FlowNode, toEdges, toNodes } from '../model/flow-elements';
import { UNDO_PORT } from '../model/graph';
import { placesOf } from '../model/step-tree';
import { useSession } from '../session-context';
import { subtitleOf } from './subtitle';

/** React Flow's nodes and edges, fed by the draft and the selection; drags stay local until they are dropped. */
export function useCanvasElements() {
  const session = useSession();
  const { draft, ui, definitions } = session;

  const name = useCallback(
    (node: FlowNode): FlowNode => {
      const label =
        node.type !== 'trigger'
          ? `${node.data.step.title || node.data.step.id}, ${subtitleOf(definitions.get(node.data.step.uses), node.data.step.with, node.data.step.uses)}${node.type === 'loop' ? `, a loop with ${node.data.inside === 1 ? '1 step' : `${node.data.inside} steps`} inside` : ''}`
          : `Trigger: ${node.data.trigger ? (definitions.get(node.data.trigger.type)?.title ?? node.data.trigger.type) : 'Start'}`;
      return node.ariaLabel === label ? node : { ...node, ariaLabel: label };
    },
    [definitions],
  );
  const read = useCallback(
    (previous: readonly FlowNode[]) => withSelection(toNodes(draft.workflow.get(), definitions, previous, ui.get().collapsed).map(name), ui.get().selected),
    [draft, definitions, ui, name],
  );
  const readEdges = useCallback(
    (previous: readonly FlowEdge[]) => {
      const workflow = draft.workflow.get();
      const label = (edge: FlowEdge): FlowEdge => {
        const port = edge.data?.connection.port;
        const ariaLabel =
          port === UNDO_PORT
            ? `${nodeTitle(edge.target)} undoes ${nodeTitle(edge.source)}`
            : `Connection from ${nodeTitle(edge.source)}${port ? `, exit ${port},` : ''} to ${nodeTitle(edge.target)}`;
        return edge.ariaLabel === ariaLabel ? edge : { ...edge, ariaLabel };
      };
      const places = placesOf(workflow);
      const nodeTitle = (id: string) => places.get(id)?.step.title || places.get(id)?.step.id || 'the trigger';
      return withSelection(toEdges(workflow, previous, ui.get().collapsed).map(label), ui.get().selectedEdges);
    },
    [draft, ui],
  );
  const [nodes, setNodes] = useState<FlowNode[]>(() => read([]));
  const [edges, setEdges] = useState<FlowEdge[]>(() => readEdges([]));

  useEffect(() => {
    const refresh = () => {
      setNodes((now) => keep(now, read(now)));
      setEdges((now) => keep(now, readEdges(now)));
    };
    refresh();
    let { collapsed } = ui.get();
    const stops = [
      draft.workflow.subscribe(refresh),
      ui.subscribe(() => {
        if (ui.get().collapsed !== collapsed) {
          collapsed = ui.get().collapsed;
          refresh();
        }
        setNodes((now) => withSelection(now, ui.get().selected));
        setEdges((now) => withSelection(now, ui.get().selectedEdges));
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [draft, ui, read, readEdges]);

  const onNodesChange = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      const selects = changes.filter((change) => change.type === 'select');
      if (selects.length > 0) {
        const selected = new Set(ui.get().selected);
        for (const change of selects) change.selected ? selected.add(change.id) : selected.delete(change.id);
        session.ui.set((now) => ({ ...now, selected: [...selected], panel: now.panel === 'node' && selected.size !== 1 ? 'closed' : now.panel }));
      }
      const rest = changes.filter((change) => change.type === 'position' || change.type === 'dimensions');
      if (rest.length > 0) setNodes((now) => applyNodeChanges(rest, now));
    },
    [session, ui],
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<FlowEdge>[]) => {
      const selected = new Set(ui.get().selectedEdges);
      for (const change of changes) if (change.type === 'select') change.selected ? selected.add(change.id) : selected.delete(change.id);
      updateUi(session, { selectedEdges: [...selected] });
    },
    [session, ui],
  );
  /** puts everything back to where the document says it is */
  const reset = useCallback(() => setNodes((now) => keep(now, read(now))), [read]);
  const clear = useCallback(() => selectNodes(session, []), [session]);
  return { nodes, edges, onNodesChange, onEdgesChange, reset, clear };
}

/** The same array when every element is the same, so that React Flow does nothing. */
function keep<T>(before: T[], after: T[]): T[] {
  return before.length === after.length && before.every((item, index) => item === after[index]) ? before : after;
}

function withSelection<T extends { id: string; selected?: boolean }>(items: T[], selected: readonly string[]): T[] {
  const ids = new Set(selected);
  let changed = false;
  const next = items.map((item) => {
    if (Boolean(item.selected) === ids.has(item.id)) return item;
    changed = true;
    return { ...item, selected: ids.has(item.id) };
  });
  return changed ? next : items;
}

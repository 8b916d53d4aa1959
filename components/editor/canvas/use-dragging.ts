'use client';
import { useReactFlow } from '@xyflow/react';
import { useCallback } from 'react';
import { completeLayout } from '../model/auto-layout';
import { updateUi } from '../model/editor-actions';
import type { FlowEdge, FlowNode } from '../model/flow-elements';
import { frameAt, originOf } from '../model/frame';
import { moveNodes } from '../model/move-steps';
import { dropInto } from '../model/selection-actions';
import { outermost, parentOf } from '../model/step-tree';
import { useSession } from '../session-context';

type Pointer = MouseEvent | TouchEvent | React.MouseEvent;

/**
 * What happens while nodes are dragged and when they are dropped. The pointer decides which loop they fall into. Steps are therefore not kept inside
 * their frame (React Flow's `extent: 'parent'`): one that is connected inside stays in its loop, whose frame grows; any other leaves it.
 */
export function useDragging(reset: () => void) {
  const session = useSession();
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const { draft, definitions, ui } = session;

  const targetOf = useCallback(
    (event: Pointer, ids: readonly string[]) => {
      const point = 'changedTouches' in event ? event.changedTouches[0] : event;
      if (!point) return undefined;
      const workflow = draft.workflow.get();
      const at = flow.screenToFlowPosition({ x: point.clientX, y: point.clientY });
      return frameAt(workflow, at, completeLayout(workflow, definitions), definitions, ui.get().collapsed, new Set(ids));
    },
    [flow, draft, definitions, ui],
  );
  const over = useCallback(
    (event: Pointer, _: unknown, dragged: FlowNode[]) => {
      const workflow = draft.workflow.get();
      const steps = outermost(
        workflow,
        dragged.map((node) => node.id),
      );
      if (steps.length === 0 && dragged.length > 0) return;
      const target = targetOf(event, steps);
      const stays = steps.length > 0 && steps.every((id) => parentOf(workflow, id) === target);
      const dropTarget = stays ? undefined : target;
      if (ui.get().dropTarget !== dropTarget) updateUi(session, { dropTarget });
    },
    [draft, targetOf, ui, session],
  );
  const stop = useCallback(
    (event: Pointer, _: unknown, dragged: FlowNode[]) => {
      updateUi(session, { dropTarget: undefined });
      if (dragged.length === 0) return;
      const workflow = draft.workflow.get();
      const steps = outermost(
        workflow,
        dragged.map((node) => node.id),
      );
      const target = targetOf(event, steps);
      const movers = steps.filter((id) => parentOf(workflow, id) !== target);
      const places = Object.fromEntries(dragged.map((node) => [node.id, node.position]));
      if (movers.length === 0 || dragged.some((node) => node.type === 'trigger')) return draft.apply(moveNodes(places, definitions));
      const positions = completeLayout(workflow, definitions);
      const origin = originOf(workflow, target, positions);
      const dropped = Object.fromEntries(
        movers.map((id) => {
          const from = originOf(workflow, parentOf(workflow, id), positions);
          const at = places[id] ?? { x: 0, y: 0 };
          return [id, { x: from.x + at.x - origin.x, y: from.y + at.y - origin.y }];
        }),
      );
      if (dropInto(session, movers, target, dropped)) return;
      // what may not leave its loop makes the loop larger; what may not come in goes back
      if (target === undefined) draft.apply(moveNodes(places, definitions));
      else reset();
    },
    [session, draft, definitions, targetOf, reset],
  );
  return { over, stop };
}

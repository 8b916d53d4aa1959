import type { Workflow } from '@/core/workflow/workflow';
import { START_ID, triggerIds, triggerOf, UNDO_PORT } from '../model/graph';
import type { StepRun } from '../model/run-store';

/** How far a run got along a connection. A way not taken stays as it is. */
export function edgeState(source: StepRun | undefined, target: StepRun | undefined, port: string | undefined, implied: boolean): string | undefined {
  if (!target || target.status === 'pending' || target.status === 'skipped' || target.status === 'cancelled') return undefined;
  if (implied || port === UNDO_PORT) return target.status;
  if (!source || source.status === 'skipped' || source.status === 'pending') return undefined;
  if (port === 'error') return source.status === 'failed' ? target.status : undefined;
  if (source.port !== undefined && source.port !== (port ?? '')) return undefined;
  return target.status;
}

/** Whether a run came from this trigger node. What no trigger of the workflow stands for (the Run button, the API, a retry) comes from the start, else the first. */
export function startedBy(workflow: Workflow, node: string, trigger: string | undefined): boolean {
  if (!node.startsWith('trigger:')) return false;
  const ids = triggerIds(workflow);
  const wanted = trigger === 'webhook' || trigger === 'schedule' || trigger === 'event' ? trigger : 'manual';
  return node === START_ID || node === (ids.find((id) => triggerOf(workflow, id)?.type === wanted) ?? ids[0]);
}

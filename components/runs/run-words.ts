import type { RunStatus } from '@/core/engine/events';

const triggers: Record<string, string> = {
  manual: 'Started by hand',
  api: 'API',
  webhook: 'Webhook',
  schedule: 'Schedule',
  retry: 'Retry',
  form: 'Form',
  event: 'Event',
};

/** What started a run, in words. */
export function triggerWord(trigger: string): string {
  return triggers[trigger] ?? trigger;
}

/** The filters of a list of runs, each with the statuses it stands for. */
export const runFilters: { value: string; label: string; status: RunStatus[]; paused?: true }[] = [
  { value: 'all', label: 'All', status: [] },
  { value: 'active', label: 'Active', status: ['queued', 'running', 'waiting'] },
  { value: 'waiting', label: 'Waiting', status: ['waiting'] },
  { value: 'paused', label: 'Paused', status: ['waiting'], paused: true },
  { value: 'succeeded', label: 'Succeeded', status: ['succeeded'] },
  { value: 'failed', label: 'Failed', status: ['failed'] },
  { value: 'cancelled', label: 'Cancelled', status: ['cancelled'] },
];

/** How long a run took, or has been taking; null before it began. */
export function runDuration(run: { startedAt: string | null; finishedAt: string | null }, now: number): number | null {
  if (!run.startedAt) return null;
  return Math.max(0, (run.finishedAt ? Date.parse(run.finishedAt) : now) - Date.parse(run.startedAt));
}

/** US dollars, with as many digits as a small amount needs. */
export function formatCost(dollars: number): string {
  if (dollars === 0) return '$0';
  return dollars < 0.01 ? `$${dollars.toPrecision(2)}` : `$${dollars.toFixed(2)}`;
}

/** The last part of a run's id: what people tell runs apart by. */
export function shortRunId(id: string): string {
  return id.slice(-6);
}

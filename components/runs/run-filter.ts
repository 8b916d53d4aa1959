import type { RunStatus } from '@/core/engine/events';
import { runFilters } from './run-words';

/** The filters of a list of runs, as the address has them. */
export interface RunQuery {
  status?: string | null | undefined;
  workflow?: string | null | undefined;
  code?: string | null | undefined;
  text?: string | null | undefined;
  since?: string | null | undefined;
}

/** What the server is asked. */
export interface RunFilter {
  status?: RunStatus[];
  workflowId?: string;
  errorCode?: string;
  errorText?: string;
  from?: string;
  paused?: boolean;
}

export const spans: { value: string; label: string; ms: number }[] = [
  { value: '', label: 'Any time', ms: 0 },
  { value: '1h', label: 'Last hour', ms: 3_600_000 },
  { value: '24h', label: 'Last 24 hours', ms: 86_400_000 },
  { value: '7d', label: 'Last 7 days', ms: 604_800_000 },
  { value: '30d', label: 'Last 30 days', ms: 2_592_000_000 },
];

/** The filter of an address; `now` in ms is what "last hour" counts from. */
export function filterOf({ status, workflow, code, text, since }: RunQuery, now: number): RunFilter {
  const chosen = runFilters.find(({ value }) => value === status);
  const span = spans.find(({ value }) => value === since)?.ms;
  return {
    ...(chosen && chosen.status.length > 0 ? { status: chosen.status } : {}),
    ...(chosen?.paused ? { paused: true } : {}),
    ...(workflow ? { workflowId: workflow } : {}),
    ...(code ? { errorCode: code.slice(0, 100) } : {}),
    ...(text ? { errorText: text.slice(0, 200) } : {}),
    ...(span ? { from: new Date(now - span).toISOString() } : {}),
  };
}

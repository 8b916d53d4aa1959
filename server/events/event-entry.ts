import type { Json } from '@/core/workflow/workflow';
import type { Outcome } from './stored-event';

/** An event as people and programs see it. */
export interface EventEntry {
  id: string;
  type: string;
  subject: string | null;
  /** any JSON; null with `truncated` when it is longer than 8 KB: get the event for the whole */
  data: Json;
  truncated?: true;
  at: string;
  /** api: published by a program or person · run, system: by Heddle · replay: one published before, again */
  source: string;
  publishedBy: string | null;
  /** the run it tells of */
  runId: string | null;
  replayOf: string | null;
  /** null: waits for a dispatcher, for a moment */
  dispatchedAt: string | null;
  /** how many runs it started, steps it answered, workflows that were left out */
  started: number;
  answered: number;
  leftOut: number;
}

/** A row of `event`, as the queries of this folder select it. */
export interface EventRow {
  id: string;
  type: string;
  subject: string | null;
  data: string | null;
  at: Date;
  source: string;
  publishedBy: string | null;
  runId: string | null;
  replayOf: string | null;
  dispatchedAt: Date | null;
  outcome: string | null;
}

export function outcomeOf(row: Pick<EventRow, 'outcome'>): Outcome {
  return row.outcome ? (JSON.parse(row.outcome) as Outcome) : { runs: [], leftOut: [] };
}

export function toEntry(row: EventRow): EventEntry {
  const { runs, answered, leftOut } = outcomeOf(row);
  return {
    id: row.id,
    type: row.type,
    subject: row.subject,
    data: row.data === null ? null : (JSON.parse(row.data) as Json),
    ...(row.data === null ? { truncated: true } : {}),
    at: row.at.toISOString(),
    source: row.source,
    publishedBy: row.publishedBy,
    runId: row.runId,
    replayOf: row.replayOf,
    dispatchedAt: row.dispatchedAt?.toISOString() ?? null,
    started: runs.length,
    answered: answered?.length ?? 0,
    leftOut: leftOut.length,
  };
}

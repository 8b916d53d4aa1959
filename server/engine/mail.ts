import type { Json } from '@/core/workflow/workflow';

/** A message to a run from outside its worker, a row of run_inbox. A run logs each once, by its id; with the log entry the row goes. */
export interface Mail {
  id: string;
  kind: 'cancel' | 'pause' | 'resume' | 'signal';
  payload: Json;
}

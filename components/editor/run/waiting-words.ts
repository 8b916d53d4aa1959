import type { WaitInfo } from '@/core/engine/events';
import type { StepRun } from '../model/run-store';

const short: Record<WaitInfo['kind'], string> = {
  delay: 'Waiting',
  signal: 'Signal',
  approval: 'Approval',
  event: 'Event',
  callback: 'Callback',
  run: 'Sub-workflow',
};
const long: Record<WaitInfo['kind'], string> = {
  delay: 'Waits',
  signal: 'Waits for a signal',
  approval: 'Waits for somebody’s approval',
  event: 'Waits for an event',
  callback: 'Waits for a call to its address',
  run: 'Waits for the run of another workflow',
};

/** When, as people say it: the time alone while it is today. */
function when(ms: number): string {
  const at = new Date(ms);
  return at.toDateString() === new Date().toDateString()
    ? at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
    : at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** What a waiting step waits for, in the few words that a chip has room for. */
export function waitingLabel({ wait, until }: StepRun): string | undefined {
  if (!wait) return until === undefined ? undefined : `Until ${when(until)}`;
  if (wait.kind === 'delay') return until === undefined ? short.delay : `Until ${when(until)}`;
  return short[wait.kind];
}

/** The same as a sentence. */
export function waitingSentence({ wait, until }: StepRun): string {
  const named = wait?.signal && !wait.signal.startsWith('$') ? ` “${wait.signal}”` : '';
  const limit = until === undefined ? '' : wait && wait.kind !== 'delay' ? `, at most until ${when(until)}` : ` until ${when(until)}`;
  return `${wait ? long[wait.kind] : 'Waits'}${named}${limit}.`;
}

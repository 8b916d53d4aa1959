import type { Failure, RunEventBody } from '@/core/engine/events';
import type { RunState } from '@/core/engine/state';
import type { Json } from '@/core/workflow/workflow';
import type { Mail } from './mail';

/** What a mail is in the log of its run; undefined when it is there already. A mail that changes nothing is logged too, so that it leaves the inbox. */
export function mailEvent(state: RunState, { id, kind, payload }: Mail): RunEventBody | undefined {
  if (state.mails.has(id)) return undefined;
  const { by, name = '', data = null, port, error } = (payload ?? {}) as { by?: string; name?: string; data?: Json; port?: string; error?: Failure };
  const told = { mail: id, ...(by ? { by } : {}) };
  switch (kind) {
    case 'cancel':
      return { type: 'run.cancel_requested', ...told };
    case 'pause':
      return { type: 'run.paused', ...told };
    case 'resume':
      return { type: 'run.resumed', ...told };
    case 'signal':
      return { type: 'signal.received', name, data, ...(port === undefined ? {} : { port }), ...(error === undefined ? {} : { error }), ...told };
  }
}

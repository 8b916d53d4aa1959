import type { Failure, RunEvent, RunStatus } from '@/core/engine/events';
import type { HttpAnswer } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import type { Context } from '@/server/auth/context';
import type { Submitted } from '@/server/queue/enqueue';
import { readAnswerEvents } from '@/server/runs';
import { problem } from '../problem';

/** What is sent for a hook call: everything but the connection. */
export interface HookAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** How a run ended, as far as its hook's caller is concerned. */
export interface HookOutcome {
  runId: string;
  status: RunStatus;
  output?: Json;
  error?: Failure;
  respond?: HttpAnswer;
}

/** A workflow answers from Heddle's own origin: its pages must not act as Heddle's, whatever it sends (CSP sandbox, no cookies, no sniffing). */
const safe = { 'x-content-type-options': 'nosniff', 'content-security-policy': 'sandbox' };
/** Headers that speak of the answer alone. Others act on the whole origin (Alt-Svc, Report-To, NEL) or in its name (WWW-Authenticate, Refresh). */
const allowed = new Set(
  'content-type content-disposition content-language cache-control expires etag last-modified location retry-after vary access-control-allow-origin access-control-allow-methods access-control-allow-headers access-control-expose-headers access-control-max-age'.split(
    ' ',
  ),
);
const isAllowed = (name: string) => allowed.has(name) || (name.startsWith('x-') && name !== 'x-content-type-options');
const json = 'application/json; charset=utf-8';

/** 202: the run is saved, and its result is read elsewhere. */
export function acceptedAnswer(runId: string, outcome: Submitted['outcome'] = 'started'): HookAnswer {
  const known = outcome === 'started' ? '' : `,"${outcome}":true`;
  return { status: 202, headers: { 'content-type': json, 'x-content-type-options': 'nosniff' }, body: `{"runId":"${runId}"${known}}` };
}

/** The answer of a run that has ended: its Respond step's, else the value it waited for, else a problem that names the run and no more. */
export function endedAnswer({ runId, status, output, respond }: HookOutcome): HookAnswer {
  if (respond) return respondAnswer(respond);
  if (status === 'succeeded') return { status: 200, headers: { 'content-type': json, ...safe }, body: JSON.stringify(output ?? null) };
  const document = problem(500, 'run_failed', `The run was started and ${status === 'cancelled' ? 'cancelled' : 'failed'}. Its log says why.`, {
    title: 'Run failed',
    runId,
  });
  return { status: 500, headers: { 'content-type': 'application/problem+json; charset=utf-8', ...safe }, body: JSON.stringify(document) };
}

function respondAnswer({ status, headers: given, body }: HttpAnswer): HookAnswer {
  const text = typeof body === 'string';
  const headers: Record<string, string> = { 'content-type': text ? 'text/plain; charset=utf-8' : json };
  for (const name in given) {
    const lower = name.toLowerCase();
    const value = given[name];
    if (value !== undefined && isAllowed(lower)) headers[lower] = value;
  }
  const empty = status === 204 || status === 205 || status === 304;
  return { status, headers: Object.assign(headers, safe), body: empty ? '' : text ? body : JSON.stringify(body) };
}

/**
 * Reads from the log what the caller waits for, where the engine's result does not carry it: the answer of a Respond step that ran in a worker, or
 * the output of one step (`step`).
 */
export async function outcomeFromLog(ctx: Context, runId: string, step: string | undefined): Promise<HookOutcome> {
  const { events, status } = await readAnswerEvents(ctx, { runId, step });
  const outcome: HookOutcome = { runId, status };
  let stepOutput: { output: Json } | undefined;
  for (const event of events) {
    note(outcome, event);
    if (event.type === 'step.succeeded' && event.path === step) stepOutput = { output: event.output };
  }
  return stepOutput ? { ...outcome, status: 'succeeded', output: stepOutput.output } : outcome;
}

function note(outcome: HookOutcome, event: RunEvent): void {
  if (event.type === 'step.succeeded' && event.respond) outcome.respond = event.respond;
  else if (event.type === 'run.succeeded') outcome.output = event.output;
  else if (event.type === 'run.failed') outcome.error = event.error;
}

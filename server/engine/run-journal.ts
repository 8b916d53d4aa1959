import type { Failure, RunEvent, RunEventBody, RunStatus } from '@/core/engine/events';
import { StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { largeCharacters } from '@/server/blobs';
import type { Commit, CommitExtra, EventRow, NewRunRow } from './commit-log';
import { type EngineHost, MAX_DEPTH, MAX_OUTPUT_BYTES } from './engine-host';

/** How a run stands, for its row. */
export interface Standing {
  status: RunStatus;
  output?: Json;
  error?: Failure;
  costUsd: number;
  startedAt: number;
  finishedAt?: number;
}

/** What a run has to write: gathers its events as rows and sends them to the log in order. */
export class RunJournal {
  private rows: EventRow[] = [];
  private extras: CommitExtra[] = [];
  /** characters gathered since the last commit, and in all */
  buffered = 0;
  written = 0;
  status: RunStatus = 'queued';
  /** large rows on their way to the blob store; what follows waits for them, so that commits keep their order */
  private storing: Promise<void> | undefined;
  private broken: { error: unknown } | undefined;

  constructor(
    private readonly organizationId: string,
    private readonly runId: string,
    private readonly host: EngineHost,
    /** present: the run does not exist yet and is created by its first commit */
    private create?: NewRunRow,
  ) {}

  get empty(): boolean {
    return this.rows.length === 0 && this.extras.length === 0;
  }

  /** Adds an event. Throws StepError `output_too_large`, and adds nothing. */
  add(body: RunEventBody, seq: number, at: number): RunEvent {
    const { type, path, ...data } = body as RunEventBody & { path?: string };
    const text = JSON.stringify(data);
    if ((body.type === 'step.succeeded' || body.type === 'item.succeeded') && text.length > MAX_OUTPUT_BYTES) throw tooLarge(body.type, text.length);
    if ((body.type === 'step.succeeded' || body.type === 'item.succeeded' || body.type === 'run.succeeded') && isDeeper(text, MAX_DEPTH)) throw tooDeep();
    this.rows.push({ seq, type, path: path ?? '', at, data: text });
    this.buffered += text.length;
    this.written += text.length;
    if ('mail' in body && body.mail) this.extras.push({ kind: 'mail_done', name: body.mail, data: '' });
    if (endsUnanswered(body)) this.extras.push({ kind: 'step_ended', name: body.path, data: '' });
    return { ...body, seq, at } as RunEvent;
  }

  also(extra: CommitExtra): void {
    this.extras.push(extra);
  }

  /** Sends what has gathered. Resolves when it is durable. */
  save(standing: Standing, queue = false): Promise<void> {
    const commit: Commit = { organizationId: this.organizationId, runId: this.runId, events: this.rows };
    if (this.extras.length > 0) commit.extras = this.extras;
    this.rows = [];
    this.extras = [];
    this.buffered = 0;
    const { status, costUsd, startedAt, finishedAt } = standing;
    const output = standing.output === undefined ? '' : JSON.stringify(standing.output);
    const error = standing.error === undefined ? '' : JSON.stringify(standing.error);
    if (this.create) {
      commit.create = { ...this.create, status, output, error, finishedAt, queue };
      this.create = undefined;
    } else if (status !== this.status) commit.update = { status, output, error, costUsd, startedAt, finishedAt };
    this.status = status;
    return this.append(commit);
  }

  /** A log has no hole: after a commit that failed none is sent. */
  private append(commit: Commit): Promise<void> {
    const sent = this.send(commit);
    sent.catch((error) => {
      this.broken ??= { error };
    });
    return sent;
  }

  private toLog(commit: Commit): Promise<void> {
    return this.broken ? Promise.reject(this.broken.error) : this.host.log.append(commit);
  }

  private send(commit: Commit): Promise<void> {
    const { storeLarge } = this.host;
    const large = storeLarge ? commit.events.filter((e) => e.data.length > largeCharacters) : [];
    if (large.length === 0 && !this.storing) return this.toLog(commit);
    const store = async () => {
      for (const row of large) row.data = (await storeLarge?.(this.organizationId, row.data, this.runId)) ?? row.data;
    };
    const stored: Promise<void> = (this.storing ?? Promise.resolve()).then(store);
    this.storing = stored;
    const forget = () => {
      if (this.storing === stored) this.storing = undefined;
    };
    stored.then(forget, () => {});
    return stored.then(() => this.toLog(commit));
  }
}

/** Whether a step has ended without what it may have waited for: what it has asked, or started, is taken back. */
function endsUnanswered(body: RunEventBody): body is RunEventBody & { path: string } {
  return body.type === 'step.failed' || body.type === 'step.cancelled' || (body.type === 'step.succeeded' && body.error !== undefined);
}

function tooLarge(type: 'step.succeeded' | 'item.succeeded', size: number): StepError {
  const what = type === 'step.succeeded' ? 'The step’s output' : 'The result of the iteration';
  const message = `${what} has ${Math.ceil(size / 1e6)} MB of JSON; up to ${MAX_OUTPUT_BYTES / 1e6} MB is allowed. Save it as a file, and pass the file on.`;
  return new StepError('output_too_large', message, { retryable: false });
}

function tooDeep(): StepError {
  return new StepError('output_too_deep', `The output is nested more than ${MAX_DEPTH} levels deep.`, { retryable: false });
}

/** Whether JSON is nested deeper than `most`. A look at the text: a walk over the value would need as deep a stack. */
function isDeeper(text: string, most: number): boolean {
  if (text.length <= 2 * most) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      // to the end of the text in quotes
      for (i = text.indexOf('"', i + 1); text.charCodeAt(i - 1) === 92 && isEscaped(text, i); ) i = text.indexOf('"', i + 1);
    } else if (c === 91 || c === 123) {
      if (++depth > most) return true;
    } else if (c === 93 || c === 125) depth--;
  }
  return false;
}

function isEscaped(text: string, at: number): boolean {
  let back = at - 1;
  while (text.charCodeAt(back) === 92) back--;
  return (at - back) % 2 === 0;
}

import type { Failure, RunEvent, RunEventBody, RunStatus } from '@/core/engine/events';
import type { Graph } from '@/core/engine/graph';
import { outputOf, type RunScope } from '@/core/engine/scope';
import { initialState, type RunState } from '@/core/engine/state';
import { type Command, isSettled, outstanding, step } from '@/core/engine/step';
import { type HttpAnswer, StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { type Commit, type EventRow, LogConflict, type NewRunRow } from './commit-log';
import { type EngineHost, MAX_OUTPUT_BYTES } from './engine-host';
import { toFailure } from './failure';
import { StepRunner } from './step-runner';

export interface RunIdentity {
  organizationId: string;
  runId: string;
  workflowId: string;
  versionId: string;
  trigger: string;
  input: Json;
}

export interface RunOutcome {
  status: RunStatus;
  output?: Json;
  error?: Failure;
  respond?: HttpAnswer;
}

/** Why an execution let go of its run: it ended, sleeps until a time, was handed to a worker, or belongs to somebody else now. */
export type Release =
  | { kind: 'ended'; outcome: RunOutcome }
  | { kind: 'parked'; until: number }
  | { kind: 'handed-over' }
  | { kind: 'lost' }
  | { kind: 'unsaved'; error: unknown };

/** What one commit gathers before it is sent on its way, characters of JSON. */
const COMMIT_CHARACTERS = 4_000_000;
/** What all events of one run may hold together. */
const RUN_CHARACTERS = 250_000_000;
/** Sleeping this long or more gives the lease back instead of keeping the run in memory. */
const PARK_AFTER_MS = 1_000;
/** An inline run that computes longer than this goes on in a worker. */
const INLINE_BUDGET_MS = 50;
const MAX_TIMER_MS = 2_147_483_647;

/**
 * One run in this process: asks the interpreter what to do, does it, and logs what happened. Everything a burst of inline steps produced goes into one
 * commit; a task step starts only after all before it is durable.
 */
export class RunExecution {
  readonly state: RunState;
  private readonly todo: Command[] = [];
  private readonly timers = new Map<number, number>();
  private readonly startWhenSaved: { step: number; attempt: number }[] = [];
  private readonly steps: StepRunner;
  private buffer: EventRow[] = [];
  private buffered = 0;
  private written = 0;
  private status: RunStatus = 'queued';
  private looping = false;
  private inFlight = 0;
  private released = false;
  private ending: RunOutcome | undefined;
  private timer: NodeJS.Timeout | undefined;
  private deadline = Number.POSITIVE_INFINITY;
  private readonly began: number;

  constructor(
    readonly identity: RunIdentity,
    readonly graph: Graph,
    private readonly scope: RunScope,
    private readonly host: EngineHost,
    private readonly release: (release: Release) => void,
    /** present: the run does not exist yet and is created by its first commit; `inline` runs until the first task step only */
    private create?: NewRunRow,
  ) {
    this.state = initialState(graph);
    this.inline = create !== undefined;
    this.began = performance.now();
    this.steps = new StepRunner(this, host, scope);
  }
  private readonly inline: boolean;

  /** Begins a new run; `copied` are checkpoints of the run this one retries; a run that was cancelled while queued ends at once. */
  start(copied: RunEventBody[] = [], cancelled?: { by?: string }): void {
    this.emit({ type: 'run.started', attempt: this.scope.run.attempt }, false);
    for (const event of copied) this.emit(event, false);
    this.goOn(cancelled);
  }

  /** Goes on with a run from its log. */
  resume(events: RunEvent[], status: RunStatus, cancelled?: { by?: string }): void {
    for (const event of events) step(this.graph, this.state, event);
    this.status = status;
    this.goOn(cancelled);
  }

  private goOn(cancelled: { by?: string } | undefined): void {
    if (cancelled && !this.state.cancelRequested) return this.requestCancel(cancelled.by);
    for (const command of outstanding(this.graph, this.state)) this.todo.push(command);
    this.loop();
  }

  /** Appends an event to the log and does what follows from it. For StepRunner. */
  record(event: RunEventBody): void {
    if (this.released || this.ending) return;
    this.emit(event, true);
    this.loop();
  }

  requestCancel(by?: string): void {
    if (this.released || this.ending || this.state.cancelRequested) return;
    this.record({ type: 'run.cancel_requested', ...(by ? { by } : {}) });
  }

  /** Lets go without a word to the log: the process shuts down and another worker takes over. */
  abandon(): void {
    this.steps.abortAll();
    this.finishRelease({ kind: 'lost' });
  }

  private emit(body: RunEventBody, act: boolean): void {
    const at = this.host.clock.now();
    const { type, path, ...data } = body as RunEventBody & { path?: string };
    const text = JSON.stringify(data);
    if (body.type === 'step.succeeded' && text.length > MAX_OUTPUT_BYTES) return this.emit(tooLarge(body, text.length), act);
    const event = { ...body, seq: this.state.seq + 1, at } as RunEvent;
    this.buffer.push({ seq: event.seq, type, path: path ?? '', at, data: text });
    this.buffered += text.length;
    this.written += text.length;
    const commands = step(this.graph, this.state, event);
    if (act) for (const command of commands) this.todo.push(command);
  }

  private loop(): void {
    if (this.looping || this.released) return;
    this.looping = true;
    let next: Command | undefined;
    for (let i = 0; (next = this.todo[i]); i++) {
      this.handle(next);
      this.stopActiveWhenDoomed();
      if (this.buffered > COMMIT_CHARACTERS && !this.inline) this.save();
      if (this.written > RUN_CHARACTERS) this.state.failure ??= runTooLarge();
      if (this.inline && (i & 15) === 15 && performance.now() - this.began > INLINE_BUDGET_MS) return this.handOver();
      if (this.released || this.ending) break;
    }
    this.todo.length = 0;
    this.stopActiveWhenDoomed();
    this.looping = false;
    if (this.released) return;
    this.save();
    if (!this.ending) this.armTimer();
  }

  private handle(command: Command): void {
    if (this.ending) return;
    switch (command.do) {
      case 'skip':
        return this.emit({ type: 'step.skipped', path: this.idOf(command.step), reason: 'upstream' }, true);
      case 'wake':
        // nobody would wake it here once this process has answered
        if (this.inline) return this.handOver();
        this.timers.set(command.step, command.at);
        return;
      case 'finish':
        if (this.state.active === 0) this.finish();
        return;
      case 'execute':
        return this.execute(command.step, command.attempt);
    }
  }

  private execute(index: number, attempt: number): void {
    if (this.state.failure || this.state.cancelRequested) return;
    const node = this.graph.steps[index];
    if (!node) return;
    if (node.inline) {
      const event = this.steps.runInline(index, attempt);
      this.emit(event, true);
      return;
    }
    if (this.inline) return this.handOver();
    const prepared = this.steps.prepare(index, attempt);
    if (prepared.event) return this.emit(prepared.event, true);
    this.emit({ type: 'step.started', path: node.id, attempt, input: shownInput(prepared.input) }, true);
    this.startWhenSaved.push({ step: index, attempt });
  }

  /** A failed or cancelled run ends at once: what is active is aborted, not waited for. */
  private stopActiveWhenDoomed(): void {
    if (!(this.state.failure || this.state.cancelRequested) || this.ending) return;
    this.timers.clear();
    this.startWhenSaved.length = 0;
    this.steps.abortAll();
    this.state.steps.forEach((s, index) => {
      if (s.status === 'running' || s.status === 'waiting') this.emit({ type: 'step.cancelled', path: this.idOf(index) }, false);
    });
    this.finish();
  }

  private finish(): void {
    if (this.ending) return;
    if (this.state.cancelRequested) this.end({ status: 'cancelled' }, { type: 'run.cancelled' });
    else if (this.state.failure) this.end({ status: 'failed', error: this.state.failure }, { type: 'run.failed', error: this.state.failure });
    else {
      try {
        const output = outputOf(this.graph, this.state, this.scope);
        const size = JSON.stringify(output).length;
        if (size > MAX_OUTPUT_BYTES)
          throw new StepError('output_too_large', `It has ${Math.ceil(size / 1e6)} MB of JSON; up to ${MAX_OUTPUT_BYTES / 1e6} MB is allowed.`);
        this.end({ status: 'succeeded', output }, { type: 'run.succeeded', output });
      } catch (error) {
        const { failure } = toFailure(error, 'output');
        const named = { ...failure, step: undefined, message: `The workflow's output could not be computed. ${failure.message}` };
        this.end({ status: 'failed', error: named }, { type: 'run.failed', error: named });
      }
    }
  }

  private end(outcome: RunOutcome, event: RunEventBody): void {
    this.emit(event, false);
    this.ending = { ...outcome, ...(this.state.respond ? { respond: this.state.respond } : {}) };
  }

  /** Sends what has gathered to the log; then releases the run, or starts the tasks that waited for it. */
  private save(): void {
    if (this.buffer.length === 0) return;
    const commit = this.takeCommit(false);
    const tasks = this.startWhenSaved.splice(0);
    const outcome = this.ending;
    this.inFlight++;
    this.host.log.append(commit).then(
      () => {
        this.inFlight--;
        if (this.released) return;
        if (outcome) return this.finishRelease({ kind: 'ended', outcome });
        for (const task of tasks) this.steps.startTask(task.step, task.attempt);
        if (this.inFlight === 0) this.armTimer();
      },
      (error) => this.lose(error),
    );
  }

  private takeCommit(queue: boolean): Commit {
    const { organizationId, runId } = this.identity;
    const events = this.buffer;
    this.buffer = [];
    this.buffered = 0;
    const commit: Commit = { organizationId, runId, events };
    const ended = this.ending;
    const status = ended?.status ?? 'running';
    const output = ended?.output === undefined ? '' : JSON.stringify(ended.output);
    const error = ended?.error === undefined ? '' : JSON.stringify(ended.error);
    const finishedAt = ended ? this.host.clock.now() : undefined;
    if (this.create) {
      commit.create = { ...this.create, status, output, error, finishedAt, queue };
      this.create = undefined;
    } else if (status !== this.status) {
      commit.update = { status, output, error, costUsd: this.state.costUsd, startedAt: this.state.startedAt, finishedAt };
    }
    this.status = status;
    return commit;
  }

  private handOver(): void {
    this.looping = false;
    if (this.released) return;
    const commit = this.takeCommit(true);
    this.released = true;
    this.host.log.append(commit).then(
      () => this.release({ kind: 'handed-over' }),
      (error) => this.release({ kind: 'unsaved', error }),
    );
  }

  private lose(error: unknown): void {
    if (this.released) return;
    this.steps.abortAll();
    this.finishRelease(error instanceof LogConflict ? { kind: 'lost' } : { kind: 'unsaved', error });
  }

  private finishRelease(release: Release): void {
    if (this.released) return;
    this.released = true;
    clearTimeout(this.timer);
    this.release(release);
  }

  /** Sets the run's own time limit, ms since the epoch. */
  setDeadline(deadline: number): void {
    this.deadline = deadline;
  }

  private armTimer(): void {
    clearTimeout(this.timer);
    if (this.released || this.ending) return;
    let next = this.deadline;
    for (const at of this.timers.values()) next = Math.min(next, at);
    if (next === Number.POSITIVE_INFINITY) return;
    const delay = next - this.host.clock.now();
    const idle = this.inFlight === 0 && this.startWhenSaved.length === 0 && this.steps.running === 0 && this.timers.size > 0;
    if (idle && delay >= PARK_AFTER_MS) return this.park(next);
    this.timer = setTimeout(() => this.onTimer(), Math.min(Math.max(delay, 0), MAX_TIMER_MS));
  }

  private park(until: number): void {
    const { organizationId, runId } = this.identity;
    const waiting = this.state.steps.some((s) => s.status === 'waiting');
    this.status = waiting ? 'waiting' : 'running';
    const update = { status: this.status, output: '', error: '', costUsd: this.state.costUsd, startedAt: this.state.startedAt, finishedAt: undefined };
    this.inFlight++;
    this.host.log.append({ organizationId, runId, events: [], update }).then(
      () => {
        this.inFlight--;
        // a cancel may have come meanwhile
        if (this.ending || this.inFlight > 0 || this.steps.running > 0) return;
        this.finishRelease({ kind: 'parked', until });
      },
      (error) => this.lose(error),
    );
  }

  private onTimer(): void {
    if (this.released || this.ending) return;
    const now = this.host.clock.now();
    if (now >= this.deadline) {
      this.state.failure ??= { code: 'timeout', message: `The run took longer than its limit of ${(this.graph.workflow.settings.timeout ?? 0) / 1000} s.` };
      this.looping = true;
      this.stopActiveWhenDoomed();
      this.looping = false;
      return this.loop();
    }
    for (const [index, at] of this.timers) {
      if (at > now) continue;
      this.timers.delete(index);
      this.wake(index);
    }
    this.loop();
  }

  private wake(index: number): void {
    const current = this.state.steps[index];
    if (!current || isSettled(current)) return;
    if (current.status === 'waiting') this.emit(this.steps.afterWait(index), true);
    else this.todo.push({ do: 'execute', step: index, attempt: current.attempt + 1 });
  }

  /** The project's variables and the like, for StepRunner. */
  get base(): RunScope {
    return this.scope;
  }

  private idOf(index: number): string {
    return this.graph.steps[index]?.id ?? '';
  }
}

function tooLarge(event: Extract<RunEventBody, { type: 'step.succeeded' }>, size: number): RunEventBody {
  const message = `The step's output has ${Math.ceil(size / 1e6)} MB of JSON; up to ${MAX_OUTPUT_BYTES / 1e6} MB is allowed.`;
  return {
    type: 'step.failed',
    path: event.path,
    attempt: event.attempt,
    startedAt: event.startedAt,
    error: { code: 'output_too_large', message, step: event.path },
  };
}

function runTooLarge(): Failure {
  return { code: 'run_too_large', message: `The run's log has more than ${RUN_CHARACTERS / 1e6} MB. Pass references instead of the data itself.` };
}

/** Inputs are kept to be looked at: a large one is named by its size. */
function shownInput(input: Json): Json {
  const size = JSON.stringify(input)?.length ?? 0;
  return size > 1_000_000 ? { truncated: `${Math.ceil(size / 1e6)} MB of JSON` } : input;
}

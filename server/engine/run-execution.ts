import type { Command } from '@/core/engine/commands';
import { hasToUndo, isUndone } from '@/core/engine/compensation';
import type { RunEvent, RunEventBody, RunStatus } from '@/core/engine/events';
import type { Graph } from '@/core/engine/graph';
import { outstanding } from '@/core/engine/outstanding';
import { idOfPath, isUnderWay, type Place, pathOf, stepAt } from '@/core/engine/path';
import type { RunScope } from '@/core/engine/scope';
import { type Frame, initialState, isSettled, type RunState, type StepState } from '@/core/engine/state';
import { step } from '@/core/engine/step';
import { LogConflict, type NewRunRow } from './commit-log';
import { COMMIT_CHARACTERS, type EngineHost, INLINE_BUDGET_MS, PARK_AFTER_MS, type RunIdentity, TURN_MS } from './engine-host';
import { LoopRunner } from './loop-runner';
import type { Mail } from './mail';
import { mailEvent } from './mail-event';
import { RunJournal, type Standing } from './run-journal';
import { deadLetter, outcomeOf, type Release, RUN_CHARACTERS, type RunOutcome, runOutOfTime, runTooLarge, stuck } from './run-outcome';
import { RunTimers } from './run-timers';
import { StepRunner, shownInput } from './step-runner';

export type { Release, RunIdentity };

/**
 * One run in this process: asks the interpreter what to do, does it, and logs what happened. Everything a burst of inline steps produced goes into one
 * commit; a task step starts only after all before it is durable.
 */
export class RunExecution {
  readonly state: RunState;
  private todo: Command[] = [];
  private at = 0;
  private readonly timers: RunTimers;
  private readonly startWhenSaved: (Place & { attempt: number })[] = [];
  private readonly journal: RunJournal;
  readonly steps: StepRunner;
  private readonly loops: LoopRunner;
  private begun = false;
  /** mail that came while the log was read */
  private readonly early: Mail[] = [];
  private looping = false;
  private yielded = false;
  private inFlight = 0;
  private released = false;
  private ending: RunOutcome | undefined;
  /** the step that exhausted its retries and so failed the run */
  private exhausted: { step: string; attempts: number } | undefined;
  private readonly inline: boolean;
  private readonly began: number;

  constructor(
    readonly identity: RunIdentity,
    readonly graph: Graph,
    /** the project's variables and the like */
    readonly base: RunScope,
    private readonly host: EngineHost,
    private readonly release: (release: Release) => void,
    /** present: the run does not exist yet and is created by its first commit; `inline` runs until the first task step only */
    create?: NewRunRow,
  ) {
    this.state = initialState(graph);
    this.inline = create !== undefined;
    this.began = performance.now();
    this.journal = new RunJournal(identity.organizationId, identity.runId, host, create);
    this.timers = new RunTimers(host.clock, () => this.onTimer());
    this.steps = new StepRunner(this, host, base);
    this.loops = new LoopRunner(this, base);
  }

  /** Begins a new run; `copied` are checkpoints of the run this one retries, `mails` what came for it while it was queued. */
  start(copied: RunEventBody[] = [], mails: Mail[] = []): void {
    this.emit({ type: 'run.started', attempt: this.base.run.attempt }, false);
    for (const event of copied) this.emit(event, false);
    this.goOn(mails);
  }

  /** Takes in an event of the log of a run that was begun before; `resume` follows. */
  replay(event: RunEvent): void {
    this.note(event);
    step(this.state, event);
  }

  /** Goes on with a run whose log was replayed. */
  resume(status: RunStatus, mails: Mail[] = []): void {
    this.journal.status = status;
    this.goOn(mails);
  }

  private goOn(mails: Mail[]): void {
    if (this.released) return;
    this.begun = true;
    if (this.state.undoing) this.timers.deadline = Number.POSITIVE_INFINITY;
    this.looping = true;
    for (const mail of [...this.early.splice(0), ...mails]) this.take(mail, false);
    this.looping = false;
    if (!this.state.cancelRequested) for (const command of outstanding(this.state)) this.todo.push(command);
    else if (this.state.undoing) this.todo.push(...outstanding(this.state));
    this.stopActiveWhenDoomed();
    this.loop();
  }

  /** Appends an event to the log and does what follows from it. For StepRunner. */
  record(event: RunEventBody): void {
    if (this.released || this.ending) return;
    this.guard(() => this.emit(event, true));
    this.loop();
  }

  /** A fault of ours must not leave the run hanging with its lease: it is let go, and fails with the reason. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.lose(error);
    }
  }

  /** Hands over what the inbox holds for the run. A mail that is in the log already is passed over. */
  deliver(mails: Mail[]): void {
    if (!this.begun) return void this.early.push(...mails);
    if (this.released || this.ending) return;
    const looping = this.looping;
    this.looping = true;
    this.guard(() => {
      for (const mail of mails) this.take(mail, true);
    });
    this.looping = looping;
    this.loop();
  }

  /** `act`: what follows is to be done now; else `outstanding` says it. */
  private take(mail: Mail, act: boolean): void {
    if (this.ending) return;
    const event = mailEvent(this.state, mail);
    // it is in the log, and in the inbox once more
    if (!event) return this.journal.also({ kind: 'mail_done', name: mail.id, data: '' });
    const paused = this.state.pausedAt !== undefined;
    this.emit(event, act);
    const pauses = this.state.pausedAt !== undefined;
    if (paused !== pauses) this.journal.also({ kind: pauses ? 'paused' : 'resumed', name: '', data: '' });
    if (pauses) this.timers.clear();
    if (paused && !pauses && event.type === 'run.resumed') {
      // what was held back; what is being executed goes on as it is
      const starting = new Set(this.startWhenSaved.map((s) => pathOf(s.frame, s.index)));
      if (act) this.todo.push(...outstanding(this.state, (path) => starting.has(path) || this.steps.isRunning(path)));
    }
  }

  /** Lets go without a word to the log: the process shuts down and another worker takes over. */
  abandon(): void {
    this.steps.abortAll();
    this.finishRelease({ kind: 'lost' });
  }

  /** Adds an event to the log. For LoopRunner, within a turn. */
  emit(body: RunEventBody, act: boolean): void {
    let event: RunEvent;
    try {
      event = this.journal.add(body, this.state.seq + 1, this.host.clock.now());
    } catch (error) {
      return this.emit(this.steps.refused(body, error), act);
    }
    this.note(event);
    const commands = step(this.state, event);
    if (act) for (const command of commands) this.todo.push(command);
  }

  private note(event: RunEvent): void {
    if (event.type !== 'step.failed' || event.handled || event.retryAt !== undefined) return;
    if (event.attempt > 1) this.exhausted = { step: event.path, attempts: event.attempt };
  }

  private loop(): void {
    if (!this.looping && !this.released && !this.yielded) this.guard(() => this.turn());
  }

  private turn(): void {
    this.looping = true;
    const began = this.inline ? this.began : performance.now();
    let next: Command | undefined;
    while ((next = this.todo[this.at])) {
      this.at++;
      this.handle(next);
      this.stopActiveWhenDoomed();
      if (this.journal.buffered > COMMIT_CHARACTERS && !this.inline) this.save();
      if (this.journal.written > RUN_CHARACTERS) this.state.failure ??= runTooLarge();
      if (this.released || this.ending) break;
      if ((this.at & 15) === 15 && performance.now() - began > (this.inline ? INLINE_BUDGET_MS : TURN_MS)) {
        if (this.inline) return this.handOver();
        return this.yield();
      }
    }
    this.todo = [];
    this.at = 0;
    this.stopActiveWhenDoomed();
    this.looping = false;
    if (this.released) return;
    this.save();
    if (!this.ending) this.rest();
  }

  /** Writes what has gathered, and goes on after the others had a turn. */
  private yield(): void {
    this.todo.splice(0, this.at);
    this.at = 0;
    this.looping = false;
    this.yielded = true;
    this.save();
    setImmediate(() => {
      this.yielded = false;
      this.loop();
    });
  }

  private handle(command: Command): void {
    if (this.ending) return;
    if (this.state.pausedAt !== undefined && (command.do === 'execute' || command.do === 'wake' || command.do === 'limit' || command.do === 'nextItem')) return;
    switch (command.do) {
      case 'skip':
        return this.emit({ type: 'step.skipped', path: pathOf(command.frame, command.index), reason: 'upstream' }, true);
      case 'wake':
      case 'limit':
        // nobody would wake it here once this process has answered
        if (this.inline) return this.handOver();
        return this.timers.set(command);
      case 'deliver':
        if (!stepAt(command).delivered) return;
        this.dropTimers(command);
        return this.emit(this.steps.afterSignal(command), true);
      case 'endItem':
        return this.loops.endItem(command.frame);
      case 'nextItem':
        return this.loops.nextItem(command);
      case 'endLoop':
        return this.loops.endLoop(command);
      case 'finish':
        // a run that ends badly may have to undo something first
        if ((this.state.failure || this.state.cancelRequested) && !this.state.undoing) return this.stopActiveWhenDoomed();
        if (this.state.undoing ? isUndone(this.state) : this.state.active === 0) this.finish();
        return;
      case 'execute':
        return this.execute(command, command.attempt);
    }
  }

  private execute(place: Place, attempt: number): void {
    const { frame, index } = place;
    const node = frame.graph.steps[index];
    if (!node || (!this.state.undoing && (this.state.failure || this.state.cancelRequested || frame.failure || !isUnderWay(frame)))) return;
    const plain = stepAt(place).variant === undefined;
    if (node.body && plain) return this.loops.begin(place, attempt);
    if (node.inline && plain) return this.emit(this.steps.runInline(place, attempt), true);
    if (this.inline) return this.handOver();
    const prepared = this.steps.prepare(place, attempt);
    if (prepared.event) return this.emit(prepared.event, true);
    this.emit({ type: 'step.started', path: pathOf(frame, index), attempt, input: shownInput(prepared.input) }, true);
    this.startWhenSaved.push({ frame, index, attempt });
  }

  /** A failed or cancelled run ends at once: what is active is aborted, not waited for. What it did may have to be undone first. */
  private stopActiveWhenDoomed(): void {
    if (!(this.state.failure || this.state.cancelRequested) || this.ending || this.state.undoing) return;
    this.timers.clear();
    this.startWhenSaved.length = 0;
    this.steps.abortAll();
    this.cancelActive(this.state);
    if (!hasToUndo(this.state)) return this.finish();
    // what was done is undone, however long it takes
    this.timers.deadline = Number.POSITIVE_INFINITY;
    this.emit({ type: 'run.compensating', ...(this.state.failure ? { error: this.state.failure } : {}) }, true);
  }

  /** Says of everything active in a level that it was cancelled; aborts what is being executed. */
  cancelActive(frame: Frame): void {
    frame.steps.forEach((s, index) => {
      if (s.status !== 'running' && s.status !== 'waiting') return;
      for (const inner of s.loop?.frames.values() ?? []) this.cancelActive(inner);
      const path = pathOf(frame, index);
      this.steps.abort(path);
      this.timers.drop(path);
      this.emit({ type: 'step.cancelled', path }, false);
    });
  }

  private finish(): void {
    if (this.ending) return;
    const { outcome, event } = outcomeOf(this.state, this.base);
    this.emit(event, false);
    if (this.exhausted && outcome.error?.step === idOfPath(this.exhausted.step))
      this.journal.also(deadLetter(this.exhausted.step, this.exhausted.attempts, outcome.error));
    this.ending = { ...outcome, ...(this.state.respond ? { respond: this.state.respond } : {}) };
  }

  /** Sends what has gathered to the log; then releases the run, or starts the tasks that waited for it. */
  private save(): void {
    if (this.journal.empty) return;
    const tasks = this.startWhenSaved.splice(0);
    const outcome = this.ending;
    this.inFlight++;
    this.journal.save(this.standing()).then(
      () => {
        this.inFlight--;
        if (this.released) return;
        if (outcome) return this.finishRelease({ kind: 'ended', outcome });
        for (const task of tasks) this.steps.startTask(task, task.attempt);
        if (this.inFlight === 0) this.rest();
      },
      (error) => this.lose(error),
    );
  }

  private standing(status: RunStatus = this.ending?.status ?? 'running'): Standing {
    const { costUsd, startedAt } = this.state;
    return { ...this.ending, status, costUsd, startedAt, ...(this.ending ? { finishedAt: this.host.clock.now() } : {}) };
  }

  private handOver(): void {
    this.looping = false;
    if (this.released) return;
    this.released = true;
    this.journal.save(this.standing(), true).then(
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
    this.timers.clear();
    this.release(release);
  }

  /** Sets the run's own time limit, ms since the epoch; time in which it is paused does not count. */
  setDeadline(deadline: number): void {
    this.timers.deadline = deadline;
  }

  /** Nothing is left to do for now: sleeps until the next timer, or gives the lease back when that is far or only a mail can go on. */
  private rest(): void {
    if (this.released || this.ending || this.looping || this.yielded) return;
    const paused = this.state.pausedAt !== undefined;
    const next = paused ? Number.POSITIVE_INFINITY : this.timers.next(this.state.pausedMs);
    const idle = this.inFlight === 0 && this.startWhenSaved.length === 0 && this.steps.running === 0;
    if (idle && (paused || this.state.waits.size > 0 || this.timers.size > 0)) {
      if (next === Number.POSITIVE_INFINITY) return this.park(undefined);
      if (next - this.host.clock.now() >= PARK_AFTER_MS) return this.park(next);
    } else if (idle && this.todo.length === 0 && !this.inline) {
      this.state.failure ??= stuck(this.identity.runId);
      return this.loop();
    }
    this.timers.arm(next);
  }

  private park(until: number | undefined): void {
    const waiting = this.state.waits.size > 0 || this.state.pausedAt !== undefined;
    this.inFlight++;
    this.journal.save(this.standing(waiting ? 'waiting' : 'running')).then(
      () => {
        this.inFlight--;
        // a mail may have come meanwhile
        if (this.released || this.ending || this.inFlight > 0 || this.steps.running > 0 || this.startWhenSaved.length > 0) return;
        const moved = this.state.pausedAt === undefined && this.timers.next(this.state.pausedMs) !== (until ?? Number.POSITIVE_INFINITY);
        if (moved) return this.rest();
        this.finishRelease({ kind: 'parked', until });
      },
      (error) => this.lose(error),
    );
  }

  private onTimer(): void {
    if (this.released || this.ending || this.state.pausedAt !== undefined) return;
    this.guard(() => this.wakeDue(this.host.clock.now()));
    this.looping = false;
    this.loop();
  }

  private wakeDue(now: number): void {
    this.looping = true;
    if (this.timers.isOver(now, this.state.pausedMs) && !this.state.undoing) this.state.failure ??= runOutOfTime(this.graph.workflow.settings.timeout ?? 0);
    else for (const { place, limit } of this.timers.due(now)) this.wake(place, stepAt(place), limit);
    this.stopActiveWhenDoomed();
  }

  private wake(place: Place, current: StepState, limit: boolean): void {
    if (isSettled(current)) return;
    if (limit) this.loops.outOfTime(place);
    else if (current.status === 'waiting') this.emit(this.steps.afterWait(place), true);
    else this.todo.push({ do: 'execute', ...place, attempt: current.attempt + 1 });
  }

  dropTimers({ frame, index }: Place): void {
    this.timers.drop(pathOf(frame, index));
  }
}

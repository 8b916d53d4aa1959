import type { Failure, RunEventBody, WaitInfo } from '@/core/engine/events';
import type { GraphStep } from '@/core/engine/graph';
import { idOfPath, type Place, pathOf, placeOf } from '@/core/engine/path';
import { nextAttemptAt, retriesCode } from '@/core/engine/retry';
import { dataOf, type RunScope, scopeFor, upstreamOf } from '@/core/engine/scope';
import type { Frame } from '@/core/engine/state';
import { beginning } from '@/core/node/beginning';
import { type ExecutorContext, StepError, type StepResult } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import type { EngineHost } from './engine-host';
import { toFailure } from './failure';
import type { RunExecution } from './run-execution';

const MAX_LOGS_PER_STEP = 200;
const MAX_LOG_LENGTH = 4_000;
const never = new AbortController().signal;

interface Prepared {
  /** already decided: skipped by its condition, or its settings cannot be resolved */
  event?: RunEventBody;
  input: Json;
  config?: unknown;
  data?: Json;
  /** the step as another version has it, to be loaded first */
  variant?: number;
}

/** Executes the steps of one run: condition, settings, executor, time limit, retry policy. Says what happened as events. */
export class StepRunner {
  private readonly controllers = new Map<string, AbortController>();
  private readonly prepared = new Map<string, Prepared>();

  constructor(
    private readonly run: RunExecution,
    private readonly host: EngineHost,
    private readonly scope: RunScope,
  ) {}

  /** tasks being executed now */
  get running(): number {
    return this.controllers.size;
  }

  isRunning(path: string): boolean {
    return this.controllers.has(path);
  }

  /** Runs a pure step to its end and returns its event. */
  runInline(place: Place, attempt: number): RunEventBody {
    const startedAt = this.host.clock.now();
    const prepared = this.prepare(place, attempt);
    if (prepared.event) return prepared.event;
    const node = nodeAt(place);
    try {
      const result = this.executor(node)(prepared.config as never, this.context(place, attempt, prepared.data ?? null, never, startedAt));
      if (result instanceof Promise) throw new Error(`the executor of ${node.definition.type} is declared inline but returned a promise`);
      return this.toEvent(place, attempt, startedAt, result);
    } catch (error) {
      return this.failed(place, attempt, startedAt, error);
    }
  }

  /** Evaluates condition and settings. */
  prepare(place: Place, attempt: number): Prepared {
    const { frame, index } = place;
    const node = nodeAt(place);
    const startedAt = this.host.clock.now();
    try {
      const data = this.dataOf(place);
      const variant = frame.steps[index]?.variant;
      if (variant !== undefined) {
        const prepared = { input: null, data, variant };
        this.prepared.set(pathOf(frame, index), prepared);
        return prepared;
      }
      const scope = scopeFor(frame, this.scope, data);
      if (node.condition && attempt === 1) {
        const holds = node.condition.evaluate(scope);
        if (typeof holds !== 'boolean')
          throw new StepError('condition', `The condition gave ${typeName(holds)}; it wants true or false.`, { retryable: false });
        if (!holds) return { event: { type: 'step.skipped', path: pathOf(frame, index), reason: 'condition' }, input: null };
      }
      // of a loop's settings only those of its beginning are wanted here: what it goes round on is asked each time
      const config = node.settings.resolve(node.definition.container === 'while' ? { ...scope, item: null, index: 0 } : scope);
      const prepared = { input: config as Json, config, data };
      if (!node.inline) this.prepared.set(pathOf(frame, index), prepared);
      return prepared;
    } catch (error) {
      return { event: this.failed(place, attempt, startedAt, error), input: null };
    }
  }

  /** Starts a task that `prepare` made ready; its end is recorded on the run. */
  startTask(place: Place, attempt: number): void {
    const { frame, index } = place;
    const path = pathOf(frame, index);
    // it was stopped meanwhile; what is prepared under its path is of a later try
    if (frame.steps[index]?.status !== 'running') return;
    const prepared = this.prepared.get(path);
    this.prepared.delete(path);
    if (!prepared) return;
    const startedAt = this.host.clock.now();
    const controller = new AbortController();
    this.controllers.set(path, controller);
    const limit = nodeAt(place).timeout;
    const timer = limit ? setTimeout(() => controller.abort(outOfTime(limit)), Math.min(limit, 2_147_483_647)) : undefined;
    const aborted = new Promise<never>((_, reject) => controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true }));
    const work = this.work(place, attempt, prepared, controller.signal, startedAt);
    void Promise.race([work, aborted])
      .then(
        (result) => this.toEvent(place, attempt, startedAt, result),
        (error) => this.failed(place, attempt, startedAt, error),
      )
      .then((event) => {
        clearTimeout(timer);
        if (this.controllers.get(path) !== controller) return; // aborted with its run
        this.controllers.delete(path);
        this.run.record(event);
      });
  }

  private async work(place: Place, attempt: number, prepared: Prepared, signal: AbortSignal, now: number): Promise<StepResult> {
    const data = prepared.data ?? null;
    if (prepared.variant === undefined) return this.executor(nodeAt(place))(prepared.config as never, this.context(place, attempt, data, signal, now));
    const { organizationId, workflowId } = this.run.identity;
    const other = (await this.host.variant?.(organizationId, workflowId, prepared.variant))?.all.get(nodeAt(place).id);
    if (!other || other.body)
      throw new StepError('no_such_version', `Version ${prepared.variant} of this workflow has no step "${nodeAt(place).id}" that could be tried.`, {
        retryable: false,
      });
    const config = other.settings.resolve(scopeFor(place.frame, this.scope, data));
    return this.executor(other)(config as never, this.context(place, attempt, data, signal, now));
  }

  /** The event of a wait whose time has come. */
  afterWait(place: Place): RunEventBody {
    const { frame, index } = place;
    const current = frame.steps[index];
    const attempt = current?.attempt ?? 1;
    const startedAt = this.host.clock.now();
    const base = { type: 'step.succeeded' as const, path: pathOf(frame, index), attempt, startedAt };
    const { kind = 'delay', expiry } = current?.wait ?? {};
    if (expiry && 'error' in expiry)
      return this.failed(place, attempt, startedAt, new StepError(expiry.error.code, expiry.error.message, { retryable: false }));
    if (expiry) return { ...base, output: expiry.output ?? null, ...(expiry.port === undefined ? {} : { port: expiry.port }) };
    if (kind === 'delay') return { ...base, output: this.dataOf(place) };
    return this.failed(place, attempt, startedAt, new StepError('wait_timeout', 'Nothing came in the time that the step was to wait.', { retryable: false }));
  }

  /** The event of a wait that has its answer. */
  afterSignal(place: Place): RunEventBody {
    const { frame, index } = place;
    const current = frame.steps[index];
    const signal = current?.delivered;
    const attempt = current?.attempt ?? 1;
    const startedAt = this.host.clock.now();
    if (signal?.error)
      return this.failed(
        place,
        attempt,
        startedAt,
        Object.assign(new StepError(signal.error.code, signal.error.message, { details: signal.error.details }), {}),
      );
    const base = { type: 'step.succeeded' as const, path: pathOf(frame, index), attempt, startedAt };
    return { ...base, output: signal?.data ?? null, ...(signal?.port === undefined ? {} : { port: signal.port }) };
  }

  abort(path: string): void {
    const controller = this.controllers.get(path);
    this.controllers.delete(path);
    this.prepared.delete(path);
    controller?.abort(new StepError('cancelled', 'The run was stopped.', { retryable: false }));
  }

  abortAll(): void {
    for (const path of [...this.controllers.keys()]) this.abort(path);
  }

  /** The event of a step that threw: another attempt, or what its `on_error` says. */
  failed(place: Place, attempt: number, startedAt: number, error: unknown): RunEventBody {
    const { frame, index } = place;
    const node = nodeAt(place);
    const path = pathOf(frame, index);
    const { failure, retryable } = toFailure(error, (error as { step?: string }).step ?? node.id);
    const now = this.host.clock.now();
    const base = { type: 'step.failed' as const, path, attempt, startedAt, error: failure };
    // a call that an open breaker stopped was not made: the errors that a policy names cannot mean it
    const again =
      retryable && node.retry && (failure.code === 'circuit_open' || retriesCode(node.retry, failure.code)) && frame.steps[index]?.variant === undefined;
    const retryAt = again ? nextAttemptAt(node.retry, attempt, now, Math.random()) : undefined;
    if (retryAt !== undefined) return { ...base, retryAt: Math.max(retryAt, notBefore(failure)) };
    if (this.run.state.undoing) return base;
    const { onError } = node;
    switch (onError.kind) {
      case 'fail':
      case 'compensate':
        return base;
      case 'fallback':
        return this.fallback(place, attempt, startedAt, failure);
      case 'version':
        if (frame.steps[index]?.variant !== undefined) return base;
        return { ...base, handled: 'version', version: onError.version, retryAt: now };
      default:
        return { ...base, handled: onError.kind };
    }
  }

  /** The event in place of one that the log does not take: an output that is too large. */
  refused(body: RunEventBody, error: unknown): RunEventBody {
    if (body.type === 'item.succeeded') return { type: 'item.failed', path: body.path, error: toFailure(error, idOfPath(body.path)).failure };
    const { state } = this.run;
    const undo = state.undoing?.current;
    const place =
      body.type === 'step.succeeded'
        ? undo
          ? { frame: undo.frame, index: undo.frame.graph.steps[undo.index]?.undoneBy ?? -1 }
          : placeOf(state, body.path)
        : undefined;
    if (body.type !== 'step.succeeded' || !place) throw error;
    return this.failed(place, body.attempt, body.startedAt, error);
  }

  private fallback(place: Place, attempt: number, startedAt: number, failure: Failure): RunEventBody {
    const { frame, index } = place;
    const path = pathOf(frame, index);
    try {
      const scope = { ...scopeFor(frame, this.scope, this.dataOf(place)), error: failure };
      return { type: 'step.succeeded', path, attempt, startedAt, output: nodeAt(place).fallback?.evaluate(scope) ?? null, error: failure };
    } catch (thrown) {
      const { failure: found } = toFailure(thrown, nodeAt(place).id);
      return { type: 'step.failed', path, attempt, startedAt, error: { ...found, message: `${failure.message} Its fallback failed too. ${found.message}` } };
    }
  }

  private toEvent(place: Place, attempt: number, startedAt: number, result: StepResult): RunEventBody {
    const path = pathOf(place.frame, place.index);
    if ('wait' in result) return this.toWait(place, attempt, startedAt, result.wait);
    const { output, port, respond, costUsd, tokens } = result;
    return {
      type: 'step.succeeded',
      path,
      attempt,
      startedAt,
      output: output ?? null,
      ...(port === undefined ? {} : { port }),
      ...(respond === undefined ? {} : { respond }),
      ...(costUsd === undefined ? {} : { costUsd }),
      ...(tokens === undefined ? {} : { tokens }),
    };
  }

  /** A wait is bounded by the step's own time limit too. */
  private toWait(place: Place, attempt: number, startedAt: number, { until, ...wait }: Extract<StepResult, { wait: unknown }>['wait']): RunEventBody {
    const limit = nodeAt(place).timeout;
    const limitAt = limit === undefined ? Number.POSITIVE_INFINITY : startedAt + limit;
    const base = { type: 'step.waiting' as const, path: pathOf(place.frame, place.index), attempt, startedAt };
    const info: WaitInfo = { ...wait, kind: wait.kind ?? 'delay' };
    if (limitAt >= (until ?? Number.POSITIVE_INFINITY)) return { ...base, ...(until === undefined ? {} : { until }), wait: info };
    const { code, message } = outOfTime(limit ?? 0);
    return { ...base, until: limitAt, wait: { ...info, expiry: { error: { code, message } } } };
  }

  private context(place: Place, attempt: number, data: Json, signal: AbortSignal, now: number): ExecutorContext {
    const { organizationId, runId, input } = this.run.identity;
    const { frame, index } = place;
    const path = pathOf(frame, index);
    let logged = 0;
    return {
      // few executors look at it, so it is made when one does
      get upstream() {
        return upstreamOf(frame, index) as Record<string, Json>;
      },
      organizationId,
      runId,
      path,
      attempt,
      idempotencyKey: `${runId}/${path}`,
      tryKey: tryKey(frame, attempt),
      data,
      input,
      signal,
      now,
      services: this.host.services,
      log: (level, message, fields) => {
        if (++logged > MAX_LOGS_PER_STEP) return;
        const text = logged === MAX_LOGS_PER_STEP ? 'More lines were dropped.' : beginning(String(message), MAX_LOG_LENGTH);
        const small = fields && JSON.stringify(fields).length <= MAX_LOG_LENGTH;
        this.run.record({ type: 'step.log', path, level, message: text, ...(small ? { fields } : {}) });
      },
    };
  }

  /** What a step is given; one that undoes another is given the output of that one. */
  private dataOf({ frame, index }: Place): Json {
    if (frame.graph.steps[index]?.undoes) return this.run.state.undoing?.current?.output ?? null;
    return dataOf(frame, index, this.run.identity.input);
  }

  private executor(node: GraphStep) {
    const executor = this.host.executors.get(node.definition.type);
    if (!executor) throw new StepError('no_executor', `The node type ${node.definition.type} cannot be executed.`, { retryable: false });
    return executor;
  }
}

function nodeAt({ frame, index }: Place): GraphStep {
  return frame.graph.steps[index] as GraphStep;
}

/** A loop that is tried again does its steps anew: their attempts alone do not tell one try from another. */
function tryKey(frame: Frame, attempt: number): string {
  const attempts = [attempt];
  for (let { parent } = frame; parent; parent = parent.frame.parent) attempts.unshift(parent.frame.steps[parent.index]?.attempt ?? 1);
  return attempts.join('.');
}

function outOfTime(limit: number): StepError {
  return new StepError('timeout', `The step took longer than its limit of ${limit / 1000} s.`);
}

/** An open circuit breaker says when it may be tried again. */
function notBefore({ details }: Failure): number {
  const until = details !== null && typeof details === 'object' && !Array.isArray(details) ? details?.until : undefined;
  return typeof until === 'number' ? until : typeof until === 'string' ? Date.parse(until) || 0 : 0;
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/** Inputs are kept to be looked at: a large one is named by its size. */
export function shownInput(input: Json): Json {
  const size = JSON.stringify(input)?.length ?? 0;
  return size > 1_000_000 ? { truncated: `${Math.ceil(size / 1e6)} MB of JSON` } : input;
}

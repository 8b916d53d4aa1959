import type { RunEventBody } from '@/core/engine/events';
import type { GraphStep } from '@/core/engine/graph';
import { nextAttemptAt } from '@/core/engine/retry';
import { dataOf, type RunScope, scopeFor, upstreamOf } from '@/core/engine/scope';
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
}

/** Executes the steps of one run: condition, settings, executor, time limit, retry policy. Says what happened as events. */
export class StepRunner {
  private readonly controllers = new Map<number, AbortController>();
  private readonly prepared = new Map<number, Prepared>();

  constructor(
    private readonly run: RunExecution,
    private readonly host: EngineHost,
    private readonly scope: RunScope,
  ) {}

  /** tasks being executed now */
  get running(): number {
    return this.controllers.size;
  }

  /** Runs a pure step to its end and returns its event. */
  runInline(index: number, attempt: number): RunEventBody {
    const startedAt = this.host.clock.now();
    const prepared = this.prepare(index, attempt);
    if (prepared.event) return prepared.event;
    const node = this.node(index);
    try {
      const result = this.executor(node)(prepared.config as never, this.context(node, attempt, prepared.data ?? null, never, startedAt));
      if (result instanceof Promise) throw new Error(`the executor of ${node.definition.type} is declared inline but returned a promise`);
      return this.toEvent(node, attempt, startedAt, result);
    } catch (error) {
      return this.failed(node, attempt, startedAt, error);
    }
  }

  /** Evaluates condition and settings. */
  prepare(index: number, attempt: number): Prepared {
    const node = this.node(index);
    const startedAt = this.host.clock.now();
    try {
      const data = dataOf(this.run.graph, this.run.state, index, this.run.identity.input);
      const scope = scopeFor(this.run.state, this.scope, data);
      if (node.condition && attempt === 1) {
        const holds = node.condition.evaluate(scope);
        if (typeof holds !== 'boolean') {
          throw new StepError(
            'condition',
            `The condition "${this.run.graph.workflow.steps[index]?.condition}" gave ${typeName(holds)}; it wants true or false.`,
            { retryable: false },
          );
        }
        if (!holds) return { event: { type: 'step.skipped', path: node.id, reason: 'condition' }, input: null };
      }
      const config = node.settings.resolve(scope);
      const prepared = { input: config as Json, config, data };
      if (!node.inline) this.prepared.set(index, prepared);
      return prepared;
    } catch (error) {
      return { event: this.failed(node, attempt, startedAt, error), input: null };
    }
  }

  /** Starts a task that `prepare` made ready; its end is recorded on the run. */
  startTask(index: number, attempt: number): void {
    const node = this.node(index);
    const prepared = this.prepared.get(index);
    this.prepared.delete(index);
    if (!prepared || this.run.state.steps[index]?.status !== 'running') return; // its run was stopped meanwhile
    const startedAt = this.host.clock.now();
    const controller = new AbortController();
    this.controllers.set(index, controller);
    const limit = node.timeout;
    const timer = limit
      ? setTimeout(
          () => controller.abort(new StepError('timeout', `The step took longer than its limit of ${limit / 1000} s.`)),
          Math.min(limit, 2_147_483_647),
        )
      : undefined;
    const aborted = new Promise<never>((_, reject) => controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true }));
    const work = (async () =>
      this.executor(node)(prepared.config as never, this.context(node, attempt, prepared.data ?? null, controller.signal, startedAt)))();
    void Promise.race([work, aborted])
      .then(
        (result) => this.toEvent(node, attempt, startedAt, result),
        (error) => this.failed(node, attempt, startedAt, error),
      )
      .then((event) => {
        clearTimeout(timer);
        if (this.controllers.get(index) !== controller) return; // aborted with its run
        this.controllers.delete(index);
        this.run.record(event);
      });
  }

  /** The event of a wait that has ended: data passes through. */
  afterWait(index: number): RunEventBody {
    const node = this.node(index);
    const output = dataOf(this.run.graph, this.run.state, index, this.run.identity.input);
    return { type: 'step.succeeded', path: node.id, attempt: this.run.state.steps[index]?.attempt ?? 1, startedAt: this.host.clock.now(), output };
  }

  abortAll(): void {
    const controllers = [...this.controllers.values()];
    this.controllers.clear();
    for (const controller of controllers) controller.abort(new StepError('cancelled', 'The run was stopped.', { retryable: false }));
  }

  private toEvent(node: GraphStep, attempt: number, startedAt: number, result: StepResult): RunEventBody {
    if ('wait' in result) return { type: 'step.waiting', path: node.id, attempt, until: result.wait.until, startedAt };
    const { output, port, respond, costUsd, tokens } = result;
    return {
      type: 'step.succeeded',
      path: node.id,
      attempt,
      startedAt,
      output: output ?? null,
      ...(port === undefined ? {} : { port }),
      ...(respond === undefined ? {} : { respond }),
      ...(costUsd === undefined ? {} : { costUsd }),
      ...(tokens === undefined ? {} : { tokens }),
    };
  }

  private failed(node: GraphStep, attempt: number, startedAt: number, error: unknown): RunEventBody {
    const { failure, retryable } = toFailure(error, node.id);
    const now = this.host.clock.now();
    const base = { path: node.id, attempt, startedAt };
    const retryAt = retryable ? nextAttemptAt(node.retry, attempt, now, Math.random()) : undefined;
    if (retryAt !== undefined) return { type: 'step.failed', ...base, error: failure, retryAt };
    switch (node.onError.kind) {
      case 'fail':
        return { type: 'step.failed', ...base, error: failure };
      case 'fallback':
        return { type: 'step.succeeded', ...base, output: node.onError.value, error: failure };
      default:
        return { type: 'step.failed', ...base, error: failure, handled: node.onError.kind as 'continue' | 'goto' };
    }
  }

  private context(node: GraphStep, attempt: number, data: Json, signal: AbortSignal, now: number): ExecutorContext {
    const { organizationId, runId, input } = this.run.identity;
    const { graph, state } = this.run;
    let logged = 0;
    return {
      // few executors look at it, so it is made when one does
      get upstream() {
        return upstreamOf(graph, state, node.index) as Record<string, Json>;
      },
      organizationId,
      runId,
      path: node.id,
      attempt,
      idempotencyKey: `${runId}/${node.id}`,
      data,
      input,
      signal,
      now,
      services: this.host.services,
      log: (level, message, fields) => {
        if (++logged > MAX_LOGS_PER_STEP) return;
        const text = logged === MAX_LOGS_PER_STEP ? 'More lines were dropped.' : String(message).slice(0, MAX_LOG_LENGTH);
        this.run.record({
          type: 'step.log',
          path: node.id,
          level,
          message: text,
          ...(fields && JSON.stringify(fields).length <= MAX_LOG_LENGTH ? { fields } : {}),
        });
      },
    };
  }

  private node(index: number): GraphStep {
    return this.run.graph.steps[index] as GraphStep;
  }

  private executor(node: GraphStep) {
    const executor = this.host.executors.get(node.definition.type);
    if (!executor) throw new StepError('no_executor', `The node type ${node.definition.type} cannot be executed.`, { retryable: false });
    return executor;
  }
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

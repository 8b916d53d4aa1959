import type { Failure } from '@/core/engine/events';
import { loopOutput } from '@/core/engine/loop';
import { type Place, pathOf } from '@/core/engine/path';
import { conditionScope, dataOf, outputOf, type RunScope } from '@/core/engine/scope';
import type { Frame, Loop } from '@/core/engine/state';
import { beginning } from '@/core/node/beginning';
import { StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { toFailure } from './failure';
import type { RunExecution } from './run-execution';

/** What the host does for containers: starts them, computes the results of their iterations, ends them. */
export class LoopRunner {
  constructor(
    private readonly run: RunExecution,
    private readonly scope: RunScope,
  ) {}

  /** Starts a container. Its settings are logged whole: the list of a for-each is what a resumed run goes on with. */
  begin(place: Place, attempt: number): void {
    const prepared = this.run.steps.prepare(place, attempt);
    if (prepared.event) return this.run.emit(prepared.event, true);
    this.run.emit({ type: 'step.started', path: pathOf(place.frame, place.index), attempt, input: prepared.input }, true);
  }

  /** All steps of an iteration have settled, or one failed for good. */
  endItem(frame: Frame): void {
    const { parent, index = 0 } = frame;
    const loop = parent && this.loopAt(parent);
    if (!parent || loop?.frames.get(index) !== frame) return; // told twice
    const path = `${pathOf(parent.frame, parent.index)}[${index}]`;
    if (frame.failure) {
      this.run.cancelActive(frame);
      return this.run.emit({ type: 'item.failed', path, error: frame.failure }, true);
    }
    if (frame.unsettled > 0) return;
    try {
      this.run.emit({ type: 'item.succeeded', path, output: outputOf(frame, this.scope) }, true);
    } catch (error) {
      const { failure } = toFailure(error, parent.frame.graph.steps[parent.index]?.id ?? '');
      this.run.emit(
        { type: 'item.failed', path, error: { ...failure, message: `The result of the iteration could not be computed. ${failure.message}` } },
        true,
      );
    }
  }

  /** A while asks whether it goes round once more. */
  nextItem(place: Place): void {
    const { frame, index } = place;
    const loop = this.loopAt(place);
    const node = frame.graph.steps[index];
    if (!loop || !node || loop.frames.size > 0) return;
    try {
      const data = dataOf(frame, index, this.run.identity.input);
      const { while: goesOn, max } = node.settings.resolve(conditionScope(frame, index, this.scope, data)) as { while: Json; max: number };
      if (typeof goesOn !== 'boolean')
        throw new StepError('condition', `The condition of the loop gave ${beginning(String(JSON.stringify(goesOn)), 100)}; it wants true or false.`, {
          retryable: false,
        });
      if (!goesOn) return this.succeed(place, loop);
      if (loop.next >= max)
        throw new StepError('loop_limit', `The loop went round ${max} times, its maximum, and its condition still holds.`, { retryable: false });
      this.run.emit({ type: 'item.started', path: `${pathOf(frame, index)}[${loop.next}]` }, true);
    } catch (error) {
      this.fail(place, loop, error);
    }
  }

  /** All iterations have ended, or one has failed the loop. */
  endLoop(place: Place): void {
    const loop = this.loopAt(place);
    if (!loop) return;
    if (loop.failure) this.fail(place, loop, errorOf(loop.failure));
    else if (loop.frames.size === 0) this.succeed(place, loop);
  }

  /** The time limit of a container has passed. */
  outOfTime(place: Place): void {
    const loop = this.loopAt(place);
    const node = place.frame.graph.steps[place.index];
    if (loop && node) this.fail(place, loop, new StepError('timeout', `The step took longer than its limit of ${(node.timeout ?? 0) / 1000} s.`));
  }

  private succeed(place: Place, loop: Loop): void {
    const { frame, index } = place;
    const attempt = frame.steps[index]?.attempt ?? 1;
    this.run.emit({ type: 'step.succeeded', path: pathOf(frame, index), attempt, startedAt: loop.startedAt, output: loopOutput(loop) }, true);
    this.run.dropTimers(place);
  }

  private fail(place: Place, loop: Loop, error: unknown): void {
    for (const frame of loop.frames.values()) this.run.cancelActive(frame);
    this.run.dropTimers(place);
    this.run.emit(this.run.steps.failed(place, place.frame.steps[place.index]?.attempt ?? 1, loop.startedAt, error), true);
  }

  private loopAt({ frame, index }: Place): Loop | undefined {
    return frame.steps[index]?.loop;
  }
}

/** What failed an iteration fails its loop; the step at fault keeps its name. */
function errorOf({ code, message, step, details }: Failure): StepError {
  const error = new StepError(code, message, details === undefined ? {} : { details });
  return step === undefined ? error : Object.assign(error, { step });
}

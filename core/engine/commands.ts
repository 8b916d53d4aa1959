import type { Place } from './path';
import type { Frame, StepState } from './state';

/** What the interpreter asks of its host. Every answer comes back as an event. */
export type Command =
  | ({ do: 'execute'; attempt: number } & Place)
  /** log `step.skipped`: not enough of its dependencies were active */
  | ({ do: 'skip' } & Place)
  /** execute again, or end the wait, at this time (ms since the epoch) */
  | ({ do: 'wake'; at: number } & Place)
  /** the wait has its answer, `StepState.delivered`: log how the step ends */
  | ({ do: 'deliver' } & Place)
  /** an iteration has settled, or one of its steps failed for good: cancel what is active in it, log `item.succeeded` or `item.failed` */
  | { do: 'endItem'; frame: Frame }
  /** of a while: log `item.started` if its condition holds, else the end of the step */
  | ({ do: 'nextItem' } & Place)
  /** all iterations have ended, or one failed: cancel what is active in the others, log the end of the step */
  | ({ do: 'endLoop' } & Place)
  /** the time limit of a container: then log that it failed */
  | ({ do: 'limit'; at: number } & Place)
  /** all steps have settled, or one failed for good, or the run was cancelled: log the end of the run */
  | { do: 'finish' };

/** Starts what a level begins with. */
export function launchRoots(frame: Frame): Command[] {
  return frame.graph.roots.map((index) => {
    (frame.steps[index] as StepState).launched = true;
    return { do: 'execute', frame, index, attempt: 1 };
  });
}

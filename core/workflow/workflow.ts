/**
 * The normalized workflow graph: what AWL parses to, what the editor edits and what the engine runs.
 * Durations are milliseconds here; AWL writes them as `30s`, `10m`, `2h`, `1d`.
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Workflow {
  /** slug: `^[a-z0-9][a-z0-9-]{0,62}$` */
  name: string;
  title?: string;
  description?: string;
  /** JSON Schema of the run input, checked before a run starts */
  input?: JsonObject;
  triggers: Trigger[];
  settings: WorkflowSettings;
  sla?: { maxDuration?: number; successRate?: number; window?: number };
  steps: Step[];
  /** template evaluated when all steps have settled; absent: the outputs of the leaf steps (one leaf: its output itself) */
  output?: Json;
  /** editor positions by step id, and by `trigger:<index>` for triggers */
  layout: Record<string, { x: number; y: number }>;
}

/** AWL writes a trigger as a single-key object, `- webhook: {method: POST}`; here the key is `type`. */
export interface Trigger {
  type: string;
  with: JsonObject;
}

export interface WorkflowSettings {
  /** of the whole run, ms */
  timeout?: number;
  /** runs of this workflow at the same time; with `concurrencyKey`, of each value of the key */
  concurrency?: number;
  /** template over input, workflow and env, here and in the keys below */
  concurrencyKey?: string;
  /** starts in any stretch of time; more wait their turn */
  rate?: RateLimit;
  /** a start with a key that was used within `window` ms answers with the run of then */
  dedupe?: { key: string; window: number };
  /** starts within `wait` ms of each other become one, with the latest input, at most `maxWait` ms after the first */
  debounce?: { wait: number; key?: string; maxWait?: number };
  /** -100..100, higher first */
  priority?: number;
  /** undo completed steps (`Step.compensate`) whenever a run fails, runs out of time or is cancelled */
  compensate?: boolean;
}

export const ratePeriods = ['second', 'minute', 'hour', 'day'] as const;
export interface RateLimit {
  limit: number;
  per: (typeof ratePeriods)[number];
  key?: string;
}

export interface Step {
  /** `^[A-Za-z_][A-Za-z0-9_-]{0,63}$` */
  id: string;
  title?: string;
  /** a node type of the catalogue; a step without `uses` and `agent` is `pass` */
  uses: string;
  with: JsonObject;
  dependsOn: Dependency[];
  /** how many of the dependencies must lead here before it runs: absent all that will, else the first, or the first N */
  join?: 'any' | number;
  /** CEL; false skips the step */
  condition?: string;
  /** of one attempt, ms */
  timeout?: number;
  retry?: RetryPolicy;
  onError?: OnError;
  /** id of the step that undoes this one; that step runs at no other time */
  compensate?: string;
  /** the body of a container (for-each, while): a graph of its own, run once an iteration. Ids are unique over the whole workflow. */
  steps?: Step[];
  /** template of an iteration's result; absent: as with a workflow's output */
  output?: Json;
  notes?: string;
}

/** AWL writes `fetch` (any success) or `check.true` (only when `check` left by its port `true`). */
export interface Dependency {
  step: string;
  port?: string;
}

export interface RetryPolicy {
  /** retries after the first attempt: `retry: 3` means up to 4 attempts */
  attempts: number;
  backoff: 'fixed' | 'linear' | 'exponential';
  /** ms before the first retry (default 1000) */
  delay: number;
  /** ms, upper bound of one delay (default 60000) */
  maxDelay: number;
  /** false: the delay is exact; else its upper half is random */
  jitter?: boolean;
  /** error codes to retry, or not to: `timeout`, `http_5*`; absent: every error that is not final by itself */
  on?: string[];
  except?: string[];
}

/**
 * What happens when a step has exhausted its retries. `goto` activates that step as if it depended on this one's error port, `skip` goes on as if
 * it had never been reached, `compensate` undoes what was completed and fails the run, `version` does the step as it is in another version.
 */
export type OnError =
  | { kind: 'fail' | 'continue' | 'skip' | 'compensate' }
  | { kind: 'fallback'; value: Json }
  | { kind: 'goto'; step: string }
  | { kind: 'version'; version: number };

/** Every step with those of the bodies inside it, outer before inner. */
export function allSteps(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => (step.steps ? [step, ...allSteps(step.steps)] : [step]));
}

/** A fault in a definition: `path` is a JSON-pointer-like place (`workflow.steps[2].with.url`), `message` says what was found and what is wanted. */
export interface Problem {
  path: string;
  message: string;
  /** the step at fault, for the editor */
  step?: string;
  severity: 'error' | 'warning';
}

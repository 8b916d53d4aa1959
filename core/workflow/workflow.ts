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
  /** runs of this workflow at the same time */
  concurrency?: number;
  /** -100..100, higher first */
  priority?: number;
}

export interface Step {
  /** `^[A-Za-z_][A-Za-z0-9_-]{0,63}$` */
  id: string;
  title?: string;
  /** a node type of the catalogue; a step without `uses` and `agent` is `pass` */
  uses: string;
  with: JsonObject;
  dependsOn: Dependency[];
  /** CEL; false skips the step */
  condition?: string;
  /** of one attempt, ms */
  timeout?: number;
  retry?: RetryPolicy;
  onError?: OnError;
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
}

/** What happens when a step has exhausted its retries. `goto` activates that step as if it depended on this one's error port. */
export type OnError = { kind: 'fail' } | { kind: 'continue' } | { kind: 'fallback'; value: Json } | { kind: 'goto'; step: string };

/** A fault in a definition: `path` is a JSON-pointer-like place (`workflow.steps[2].with.url`), `message` says what was found and what is wanted. */
export interface Problem {
  path: string;
  message: string;
  /** the step at fault, for the editor */
  step?: string;
  severity: 'error' | 'warning';
}

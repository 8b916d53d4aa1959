import type { WaitInfo } from '@/core/engine/events';
import type { Role } from '@/core/permissions';
import type { Json, JsonObject } from '@/core/workflow/workflow';

/** What an executor may touch. Everything that reaches outside is injected, already bound to the tenant. */
export interface ExecutorContext {
  organizationId: string;
  runId: string;
  /** node id plus loop indices */
  path: string;
  /** 1 for the first try */
  attempt: number;
  /** `runId/path`, the same over retries and crashes; send it as `Idempotency-Key` */
  idempotencyKey: string;
  /** which try this is, the same after a crash: the attempts of the loops around the step and its own, such as `2` or `1.2` */
  tryKey: string;
  /** the upstream output(s), as the expression name `data` */
  data: Json;
  /** outputs of the active upstream steps by step id, in the order of `depends_on`, also when there is only one (a root: empty) */
  upstream: Record<string, Json>;
  /** the run's input */
  input: Json;
  /** aborts on cancel, timeout and shutdown */
  signal: AbortSignal;
  /** ms since the epoch, from the engine's clock; executors never read their own */
  now: number;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Record<string, Json>): void;
  services: ExecutorServices;
}

export interface ExecutorServices {
  http: HttpService;
  models: ModelService;
  sandbox: SandboxService;
  search: SearchService;
  runs?: RunService;
  approvals?: ApprovalService;
  events?: EventService;
  artifacts?: ArtifactService;
}

/** A file of a run, as steps hand it on. */
export interface SavedFile {
  id: string;
  name: string;
  /** bytes */
  size: number;
  contentType: string;
  /** where it can be downloaded, with a key or a session */
  url: string;
}

/** Files that steps produce. */
export interface ArtifactService {
  /**
   * Keeps a file of the run; the same name of the same step replaces the file. Streams are never held whole. Rejects with StepError
   * (`storage_full`, `too_large`), or what the stream says; nothing is kept then.
   */
  save(
    step: { organizationId: string; runId: string; path: string },
    file: { name: string; contentType: string; content: Uint8Array | AsyncIterable<Uint8Array>; maxBytes?: number },
  ): Promise<SavedFile>;
}

/** Runs that steps start. */
export interface RunService {
  /**
   * Starts a run of another workflow for a step, once for each path and try. With `report`, its end sends the caller the signal `$run/ID`.
   * Rejects with StepError (`no_such_workflow`, `invalid_input`, `too_deep`, `too_many_runs`).
   */
  call(
    caller: { organizationId: string; runId: string; path: string; tryKey: string },
    request: { workflow: string; version?: string; input: Json; report: boolean; priority?: number },
  ): Promise<{ runId: string; workflow: string; version: number }>;
}

/** Whoever may decide an approval: a member by e-mail address, or all with this role and the roles above it. */
export type Assignee = { user: string } | { role: Role };

/** What a signal, or the end of a wait, makes of the step that waits. */
export type WaitEnd = { port?: string; output?: Json } | { error: { code: string; message: string } };

/** Decisions that steps ask people for. */
export interface ApprovalService {
  /**
   * Asks once for each run, path and try; its decision, or its deadline, sends the run the signal `$approval/PATH`. Rejects with StepError.
   * `unknown`: addresses that are of no member; `deadline`: the one that counts, of when it was asked first.
   */
  open(request: {
    organizationId: string;
    runId: string;
    path: string;
    tryKey: string;
    title: string;
    /** Markdown */
    message: string;
    data: Json;
    assignees: Assignee[];
    /** JSON Schema of what the decision fills in */
    form?: JsonObject;
    /** ms since the epoch, with what the deadline makes of the step */
    deadline?: number;
    expiry?: WaitEnd;
    /** ms between reminders */
    remindEvery?: number;
    escalation?: { at: number; to: Assignee[] };
  }): Promise<{ id: string; deadline?: number; unknown: string[] }>;
}

/** Events that steps wait for. */
export interface EventService {
  /**
   * From now on (or from `since`, ms since the epoch) the first event that matches sends the run the signal `$event/PATH`, with the event as its data.
   * Asking again in the same try changes nothing. With a `key`, one of thousands of waits is found by an index; values are compared as texts.
   */
  expect(request: {
    organizationId: string;
    runId: string;
    path: string;
    tryKey: string;
    pattern: string;
    filter?: string;
    key?: { field: string; value: Json };
    since?: number;
  }): Promise<void>;
}

/** Full-text search over the text collections that Heddle ships (server/lib/search). */
export interface SearchService {
  search(
    request: { query: string; collection: string; section?: string; limit: number },
    signal: AbortSignal,
  ): Promise<{ id: string; title: string; section: string; text: string; source: string; score: number }[]>;
}

export interface HttpService {
  /** Sends through the egress client (tenant rules, size and time caps). Rejects with StepError. */
  request(
    organizationId: string,
    request: { method: string; url: string; headers: Record<string, string>; body?: string; maxBytes?: number; followRedirects?: boolean; credential?: string },
    signal: AbortSignal,
  ): Promise<{ status: number; headers: Record<string, string>; body: string; url: string }>;
  /** The same, with the body as it comes, decompressed; it fails with StepError `too_large` beyond `maxBytes`. Read it to its end or give it up with `return()`. */
  download?(
    organizationId: string,
    request: { method: string; url: string; headers: Record<string, string>; body?: string; maxBytes: number; followRedirects?: boolean; credential?: string },
    signal: AbortSignal,
  ): Promise<{ status: number; headers: Record<string, string>; body: AsyncGenerator<Uint8Array>; url: string }>;
}

export interface ModelService {
  generate(
    organizationId: string,
    request: {
      model: string;
      system?: string;
      prompt: string;
      maxOutputTokens?: number;
      temperature?: number;
      schema?: Json;
      credential?: string;
      baseUrl?: string;
    },
    signal: AbortSignal,
  ): Promise<{ text: string; object?: Json; model: string; simulated: boolean; usage: { inputTokens: number; outputTokens: number }; costUsd: number }>;
}

export interface SandboxService {
  /** Runs JavaScript in the QuickJS runner process; `globals` become global constants; the last expression or `return` is the value. */
  run(
    organizationId: string,
    request: { source: string; globals: Record<string, Json>; timeoutMs: number },
    signal: AbortSignal,
  ): Promise<{ value: Json; logs: { level: string; message: string }[] }>;
}

export type StepResult =
  | {
      output: Json;
      port?: string /** makes this the synchronous answer of a webhook run */;
      respond?: HttpAnswer;
      costUsd?: number;
      tokens?: { input: number; output: number };
    }
  /**
   * Ends the job and occupies nothing. At `until` a `delay` (the default kind) succeeds with its `data` as output; everything else ends by its
   * `signal`, and at `until` by its `expiry`.
   */
  | { wait: { until: number; kind?: 'delay' } | ({ until?: number } & WaitInfo & { signal: string }) };

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: Json;
}

/** `config` is `with` after expressions were resolved and the definition's schema has parsed it. `inline` nodes must return synchronously. */
export type NodeExecutor<C = unknown> = (config: C, context: ExecutorContext) => StepResult | Promise<StepResult>;

/** An expected failure of a step, shown to people. `retryable: false` stops retries at once (bad input), default true. */
export class StepError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly details?: Json;
  constructor(code: string, message: string, options: { retryable?: boolean; details?: Json; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'StepError';
    this.code = code;
    this.retryable = options.retryable ?? true;
    this.details = options.details;
  }
}

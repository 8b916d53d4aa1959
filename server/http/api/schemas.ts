import { z } from 'zod';
import { runStatuses, stepStatuses } from '@/core/engine/events';
import { roles } from '@/core/permissions';
import { approvalStatuses } from '@/server/approvals/schema';

/** What the calls answer, for OpenAPI; the verbs' own types are what the code checks. */
export const problemSchema = z
  .object({
    type: z.string().describe('urn:heddle:problem:<code>'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    requestId: z.string().optional(),
    runId: z.string().optional(),
  })
  .meta({ id: 'Problem' });

const time = z.iso.datetime();
const anyJson = z.unknown();
const failure = z.object({ code: z.string(), message: z.string(), step: z.string().optional(), details: anyJson.optional() }).meta({ id: 'Failure' });
const project = z.object({ id: z.uuid(), slug: z.string(), name: z.string() });

export const workflowRef = z
  .object({
    id: z.uuid(),
    slug: z.string(),
    version: z.number().int(),
    changed: z.boolean().describe('of an update: false when the definition equals the current version').optional(),
    warnings: z.array(z.object({ path: z.string(), message: z.string() })).describe('what runs, but probably not as it was meant'),
  })
  .meta({ id: 'WorkflowRef' });

export const workflowSchema = z
  .object({
    id: z.uuid(),
    slug: z.string(),
    title: z.string(),
    description: z.string(),
    project,
    version: z.number().int().nullable().describe('the published version; null: never published'),
    draft: z.object({ revision: z.number().int(), changed: z.boolean() }),
    triggers: z.array(
      z.object({
        type: z.string(),
        position: z.number().int().describe('place among the version’s triggers'),
        settings: anyJson,
        url: z.string().optional(),
        nextAt: time.optional(),
      }),
    ),
    definition: anyJson.describe('the AWL document of the published version, else of the draft'),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Workflow' });

const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export const workflowList = page(
  z.object({
    id: z.uuid(),
    slug: z.string(),
    title: z.string(),
    description: z.string(),
    project,
    version: z.number().int().nullable(),
    triggers: z.array(z.string()),
    updatedAt: time,
  }),
).meta({ id: 'WorkflowList' });

export const runResult = z
  .object({
    runId: z.uuid(),
    deduplicated: z.literal(true).describe('The key of the start was used a short while ago: nothing was started, this is the run of then.').optional(),
    debounced: z.literal(true).describe('A run that still waited took the input of this start.').optional(),
    status: z.enum(runStatuses).optional(),
    output: anyJson.optional(),
    error: failure.nullable().optional(),
  })
  .meta({ id: 'RunResult' });

export const forkedRun = z
  .object({
    runId: z.uuid(),
    kept: z.array(z.string()).describe('steps whose results are kept'),
    again: z.array(z.string()).describe('steps that are executed, in this run or again'),
  })
  .meta({ id: 'ForkedRun' });
export const manyRuns = z
  .object({
    done: z.number().int(),
    skipped: z.number().int().describe('those that needed nothing'),
    failed: z.number().int(),
    problems: z.array(z.object({ runId: z.uuid(), message: z.string() })).describe('the first of those it could not be done to'),
    nextCursor: z.string().nullable().describe('of a filter: send it with the next call; null when all are done'),
  })
  .meta({ id: 'ManyRuns' });
export const circuitList = z
  .object({
    items: z.array(
      z.object({
        target: z.string().describe('`host:…`, `model:…` or `credential:ID`'),
        name: z.string(),
        state: z.enum(['closed', 'open', 'half_open']),
        tripped: z.boolean().describe('opened by a person'),
        calls: z.number().int().describe('of the last 30 s'),
        failures: z.number().int(),
        since: time,
        until: time.nullable().describe('open: when one call tries it again'),
        failedAt: time.nullable(),
        lastError: z.object({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
  })
  .meta({ id: 'CircuitList' });

const step = z.object({
  id: z.string(),
  path: z.string(),
  status: z.enum(stepStatuses),
  attempts: z.number().int(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  output: anyJson,
  error: failure.nullable(),
  truncated: z.literal(true).optional().describe('the run holds more than 20 MB: this step’s output may be left out here, its events have it'),
  truncatedBytes: z.number().int().optional(),
  childRunId: z.uuid().nullable().describe('the run of another workflow that it started'),
  kept: z.literal(true).optional().describe('its result came from the run that this one was made from, and so do its times'),
  loop: z
    .object({
      total: z.number().int().nullable().describe('null of a while'),
      started: z.number().int(),
      succeeded: z.number().int(),
      failed: z.number().int(),
      items: z
        .array(
          z.object({
            path: z.string(),
            index: z.number().int(),
            status: z.string(),
            startedAt: time,
            finishedAt: time.nullable(),
            output: anyJson,
            error: failure.nullable(),
          }),
        )
        .describe('those under way, the newest and the newest that failed; the steps inside stand among the run’s steps'),
    })
    .nullable()
    .describe('of a loop that has begun'),
});
export const runSchema = z
  .object({
    id: z.uuid(),
    workflow: z.object({ id: z.uuid(), slug: z.string(), title: z.string() }),
    version: z.number().int().nullable(),
    status: z.enum(runStatuses),
    input: anyJson,
    output: anyJson,
    error: failure.nullable(),
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    cost: z.number(),
    paused: z.object({ at: time, by: z.string().nullable() }).nullable(),
    parentRunId: z.uuid().nullable().describe('the run that it was made from'),
    fork: z
      .object({ kind: z.enum(['rerun', 'replay', 'fork']), kept: z.array(z.string()), edited: z.array(z.string()) })
      .nullable()
      .describe('how it was made from that run, when not by a plain retry'),
    caller: z.object({ runId: z.uuid(), path: z.string() }).nullable().describe('the run and the step that started it'),
    steps: z.array(step),
  })
  .meta({ id: 'Run' });
export const runList = page(
  z.object({
    id: z.uuid(),
    status: z.enum(runStatuses),
    paused: z.boolean(),
    trigger: z.string(),
    error: failure.nullable(),
    queuedAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
  }),
).meta({ id: 'RunList' });

const workflowName = z.object({ id: z.uuid(), slug: z.string() });
const startedByEvent = z.object({
  workflow: workflowName,
  runId: z.uuid(),
  deduplicated: z.literal(true).optional().describe('the run was there already: the workflow starts one a key'),
  debounced: z.literal(true).optional().describe('a run that still waited took the event as its input'),
});
export const publishedEvent = z
  .object({
    id: z.uuid(),
    runs: z.array(startedByEvent),
    leftOut: z
      .array(z.object({ workflow: workflowName, reason: z.string() }))
      .describe('their trigger matches, but their input schema does not, or the filter failed'),
  })
  .meta({ id: 'PublishedEvent' });

const event = z.object({
  id: z.uuid(),
  type: z.string(),
  subject: z.string().nullable(),
  data: anyJson,
  at: time,
  source: z.string().describe('api: published by a program or person; run, system: by Heddle; replay: one published before, again'),
  publishedBy: z.string().nullable(),
  runId: z.uuid().nullable().describe('the run it tells of'),
  replayOf: z.uuid().nullable(),
  dispatchedAt: time.nullable(),
});
export const eventList = page(
  event.extend({
    truncated: z.literal(true).optional().describe('data is longer than 8 KB: get the event for it'),
    started: z.number().int().describe('runs'),
    answered: z.number().int().describe('steps that waited for it'),
    leftOut: z.number().int(),
  }),
).meta({ id: 'EventList' });
export const eventSchema = event
  .extend({
    runs: z.array(startedByEvent.extend({ status: z.enum(runStatuses).nullable() })),
    leftOut: z.array(z.object({ workflow: workflowName, reason: z.string() })),
    answered: z.array(z.object({ runId: z.uuid(), path: z.string() })),
    stopped: z.string().nullable().describe('why it was not allowed to start anything'),
    depth: z.number().int().describe('how many events led to this one'),
    replays: z.array(z.object({ id: z.uuid(), at: time })),
  })
  .meta({ id: 'Event' });
export const replayedEvents = z
  .object({
    events: z.number().int().describe('that are dispatched again'),
    nextAfter: z.uuid().nullable().describe('more match than `limit`: go on with `after`'),
  })
  .meta({ id: 'ReplayedEvents' });

export const runEvents = z
  .object({
    items: z.array(z.looseObject({ seq: z.number().int(), at: z.number(), type: z.string(), path: z.string().optional() })),
    nextAfter: z.number().int().nullable(),
  })
  .meta({ id: 'RunEvents' });

const places = z.int().nullable().describe('null: any number');
export const limitsSchema = z
  .object({
    organization: z.object({ concurrency: places, running: z.int(), waiting: z.int().describe('ready to run, counted up to 1,000') }),
    projects: z.array(
      z.object({
        id: z.uuid(),
        slug: z.string(),
        name: z.string(),
        concurrency: places,
        running: z.int().nullable().describe('null: not counted, since there is no limit'),
        held: z.int().describe('waiting for a place, counted up to 1,000'),
      }),
    ),
    gates: z.array(
      z.object({
        name: z.string(),
        workflow: z.object({ id: z.uuid(), slug: z.string(), title: z.string() }),
        key: z.string().nullable().describe('beginning of the hash of the key’s value; null: the whole workflow'),
        concurrency: places,
        rate: z.object({ limit: z.int(), ms: z.int() }).nullable(),
        running: z.int(),
        held: z.int(),
        nextAt: time.nullable(),
      }),
    ),
    more: z.boolean(),
  })
  .meta({ id: 'Limits' });

export const auditList = page(
  z.object({
    id: z.uuid(),
    at: time,
    actor: z.object({ type: z.string(), id: z.string().nullable(), name: z.string() }),
    action: z.string(),
    target: z.object({ type: z.string(), id: z.string(), name: z.string() }),
    details: anyJson,
    address: z.string(),
  }),
).meta({ id: 'AuditList' });

const assignee = z.union([z.object({ user: z.string() }), z.object({ role: z.enum(roles) })]);
const approvalStatus = z.enum(approvalStatuses);
const titled = z.object({ id: z.uuid(), title: z.string() }).nullable();
export const approvalList = page(
  z.object({
    id: z.uuid(),
    title: z.string(),
    status: approvalStatus,
    mine: z.boolean(),
    assignees: z.array(assignee),
    run: z.object({ id: z.uuid() }),
    workflow: titled,
    path: z.string().describe('of the step that asks'),
    createdAt: time,
    deadline: time.nullable(),
    decidedAt: time.nullable(),
    decidedBy: z.string().nullable(),
    comment: z.string().nullable(),
  }),
).meta({ id: 'ApprovalList' });
export const approvalSchema = z
  .object({
    id: z.uuid(),
    title: z.string(),
    message: z.string().describe('Markdown'),
    status: approvalStatus,
    data: anyJson,
    form: anyJson.describe('JSON Schema of `values`; null: there are none'),
    assignees: z.array(assignee),
    run: z.object({ id: z.uuid(), status: z.enum(runStatuses).nullable() }),
    workflow: titled,
    path: z.string(),
    createdAt: time,
    deadline: time.nullable(),
    whyNot: z.string().nullable().describe('why this key may not decide'),
    decision: z
      .object({ at: time, by: z.object({ type: z.string(), name: z.string() }).nullable(), comment: z.string().nullable(), values: anyJson })
      .nullable(),
  })
  .meta({ id: 'Approval' });
export const decidedApproval = z.object({ id: z.uuid(), status: approvalStatus, decidedAt: time });

const limit = (max: number, fallback: number) => z.coerce.number({ error: 'wants a number' }).int().min(1).max(max).default(fallback);
/** `?cursor=&limit=` of every list */
export const paging = (max = 100, fallback = 50) => ({ cursor: z.string().min(1).max(500).optional(), limit: limit(max, fallback) });

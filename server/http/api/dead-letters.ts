import { z } from 'zod';
import { runStatuses } from '@/core/engine/events';
import { discardDeadLetters, getDeadLetter, listDeadLetters, retryDeadLetters } from '@/server/dead-letters';
import { deadLetterReasons, deadLetterStatuses, deadLettersAtOnce } from '@/server/dead-letters/schema';
import { NotFound } from '@/server/lib/errors';
import { defineRoute } from '../route';
import { paging } from './schemas';
import { workflowId } from './workflow-id';

const time = z.iso.datetime();
const failure = z.object({ code: z.string(), message: z.string(), step: z.string().optional(), details: z.unknown().optional() });
const letter = z.object({
  id: z.uuid(),
  runId: z.uuid(),
  workflow: z.object({ id: z.uuid(), slug: z.string(), title: z.string() }),
  version: z.number().int().nullable(),
  step: z.string().nullable().describe('path of the step at fault; null: unknown, or several'),
  code: z.string(),
  message: z.string(),
  attempts: z.number().int().describe('of the step; of a poisoned run how many processes died'),
  reason: z.enum(deadLetterReasons).describe('exhausted: every retry failed; poisoned: it killed the processes that executed it'),
  status: z.enum(deadLetterStatuses),
  at: time,
  resolvedBy: z.string().nullable(),
  resolvedAt: time.nullable(),
  retryRunId: z.uuid().nullable(),
});
const detail = letter
  .extend({
    run: z
      .object({
        status: z.enum(runStatuses),
        trigger: z.string(),
        input: z.unknown(),
        error: failure.nullable(),
        startedAt: time.nullable(),
        finishedAt: time.nullable(),
      })
      .nullable()
      .describe('null: removed by the retention policy'),
    stepInput: z.unknown(),
    failures: z.array(z.object({ attempt: z.number().int(), at: time, error: failure })),
    tail: z.array(z.object({ seq: z.number().int(), at: time, type: z.string(), path: z.string().nullable(), message: z.string().nullable() })),
  })
  .meta({ id: 'DeadLetter' });
const q = z.string().trim().max(200).describe('in message, code, step or workflow; or the id of a run').optional();
const reason = z.enum(deadLetterReasons).optional();
const workflow = z.string().min(1).max(63).describe('id or slug').optional();

const list = defineRoute({
  method: 'GET',
  path: '/api/v1/dead-letters',
  operationId: 'listDeadLetters',
  summary: 'Runs that need somebody, the newest first.',
  permission: 'dead-letter:read',
  query: z.strictObject({ q, workflow, reason, status: z.enum(deadLetterStatuses).default('open'), ...paging() }),
  responses: { 200: { description: 'A page', schema: z.object({ items: z.array(letter), nextCursor: z.string().nullable() }).meta({ id: 'DeadLetterList' }) } },
  async handle({ ctx, query: { workflow: named, ...rest } }) {
    return { status: 200, body: await listDeadLetters(ctx, { ...rest, ...(named ? { workflowId: await workflowId(ctx, named) } : {}) }) };
  },
});

const read = defineRoute({
  method: 'GET',
  path: '/api/v1/dead-letters/{id}',
  operationId: 'getDeadLetter',
  summary: 'A dead letter with its whole context.',
  permission: 'dead-letter:read',
  responses: { 200: { description: 'The dead letter', schema: detail } },
  async handle({ ctx, params }) {
    const id = z.uuid().safeParse(params.id);
    if (!id.success) throw new NotFound('This dead letter');
    return { status: 200, body: await getDeadLetter(ctx, { id: id.data }) };
  },
});

const selection = {
  schema: z.strictObject({
    ids: z.array(z.uuid()).min(1).max(deadLettersAtOnce).optional(),
    filter: z.strictObject({ q, workflow, reason }).describe('all open ones that it finds; {} finds all').optional(),
  }),
  limit: 65_536,
};

/** The selection of a request for the verbs: workflows by id. */
async function selected(ctx: Parameters<typeof workflowId>[0], { ids, filter }: z.output<typeof selection.schema>) {
  const { workflow: named, ...rest } = filter ?? {};
  return { ...(ids ? { ids } : {}), ...(filter ? { filter: { ...rest, ...(named ? { workflowId: await workflowId(ctx, named) } : {}) } } : {}) };
}

const retry = defineRoute({
  method: 'POST',
  path: '/api/v1/dead-letters/retry',
  operationId: 'retryDeadLetters',
  summary: `Runs them again from where they failed, at most ${deadLettersAtOnce} a call, the oldest first.`,
  permission: 'dead-letter:retry',
  body: selection,
  responses: {
    200: {
      description: 'Retried',
      schema: z
        .object({
          retried: z.array(z.object({ id: z.uuid(), runId: z.uuid() })),
          failed: z.array(z.object({ id: z.uuid(), message: z.string() })),
          remaining: z.number().int().describe('open ones that the choice still finds'),
        })
        .meta({ id: 'RetriedDeadLetters' }),
    },
  },
  async handle({ ctx, body }) {
    return { status: 200, body: await retryDeadLetters(ctx, await selected(ctx, body)) };
  },
});

const discard = defineRoute({
  method: 'POST',
  path: '/api/v1/dead-letters/discard',
  operationId: 'discardDeadLetters',
  summary: `Puts them aside, at most ${deadLettersAtOnce} a call, the oldest first; their runs stay as they failed.`,
  permission: 'dead-letter:discard',
  body: selection,
  responses: {
    200: { description: 'Discarded', schema: z.object({ discarded: z.array(z.uuid()), remaining: z.number().int() }).meta({ id: 'DiscardedDeadLetters' }) },
  },
  async handle({ ctx, body }) {
    return { status: 200, body: await discardDeadLetters(ctx, await selected(ctx, body)) };
  },
});

export const deadLetterRoutes = [list, read, retry, discard];

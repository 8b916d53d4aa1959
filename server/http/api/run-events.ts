import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { followRun, readRunEvents } from '@/server/runs';
import { HttpError, knownProblem } from '../problem';
import { type ApiRequest, defineRoute, type Reply } from '../route';
import { waiting } from '../waiting';
import { runEvents } from './schemas';
import { runId } from './workflow-id';

const query = z.strictObject({
  after: z.coerce.number({ error: 'wants the seq of an event' }).int().min(0).describe('events after this seq').default(0),
  limit: z.coerce.number({ error: 'wants a number' }).int().min(1).max(5000).default(1000),
});
type Query = z.output<typeof query>;

const read = defineRoute({
  method: 'GET',
  path: '/api/v1/runs/{id}/events',
  operationId: 'readRunEvents',
  summary: 'The log of a run: as JSON, or live as server-sent events with `Accept: text/event-stream`, resumed by `Last-Event-ID`.',
  permission: 'run:read',
  query,
  responses: {
    200: { description: 'The events, oldest first; as text/event-stream one message an event, ended by the end of the run', schema: runEvents },
    204: { description: 'To an event stream: the run has ended and there is nothing after Last-Event-ID' },
  },
  async handle(request): Promise<Reply> {
    const id = runId(request.params.id);
    if (request.req.headers.accept?.includes('text/event-stream')) return waiting(request.release, () => stream(id, request as ApiRequest<unknown, Query>));
    const { after, limit } = request.query;
    const { events, more } = await readRunEvents(request.ctx, { runId: id, after, limit });
    return { status: 200, body: { items: events, nextAfter: more ? (events.at(-1)?.seq ?? null) : null } };
  },
});

function startAfter({ req, query }: ApiRequest<unknown, Query>): number {
  const last = req.headers['last-event-id'];
  if (last === undefined || last === '') return query.after;
  if (typeof last !== 'string' || !/^\d{1,9}$/.test(last)) throw new HttpError(400, 'malformed', 'Last-Event-ID is not the id of an event.');
  return Number(last);
}

/** Sends events as they are committed until the run has ended, the client has gone or the key was revoked. */
async function stream(id: string, request: ApiRequest<unknown, Query>): Promise<Reply> {
  const { ctx, res, signal, reauthenticate } = request;
  const after = startAfter(request);
  const { events, ended } = await readRunEvents(ctx, { runId: id, after, limit: 1 }); // an absent run answers 404
  if (ended && events.length === 0 && after > 0) return { status: 204 }; // tells EventSource not to come again
  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  res.write('retry: 1000\n\n');
  const heartbeat = setInterval(() => res.write(': \n\n'), 15_000);
  try {
    for await (const event of followRun(reauthenticate, { runId: id, after }, signal)) {
      await write(res, `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`, signal);
    }
  } catch (error) {
    if (!knownProblem(error)) throw error; // revoked: the stream just ends, and the next request says why
  } finally {
    clearInterval(heartbeat);
    res.end();
  }
  return 'streamed';
}

/** Writes and waits while the client reads slowly, so that a large log is never held in memory. */
async function write(res: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (res.write(text) || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      res.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    res.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}

export const runEventRoutes = [read];

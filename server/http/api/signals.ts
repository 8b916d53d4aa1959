import { z } from 'zod';
import { sendSignal } from '@/server/signals';
import { maxSignalBytes } from '@/server/signals/schema';
import { defineRoute } from '../route';
import { runId } from './workflow-id';

const send = defineRoute({
  method: 'POST',
  path: '/api/v1/runs/{id}/signals/{name}',
  operationId: 'sendSignal',
  summary: 'Sends a run a signal, with any JSON as its data; the step that waits for this name goes on. 409 when the run has ended.',
  permission: 'run:signal',
  body: { schema: z.unknown().describe('the data of the signal; absent: {}'), limit: maxSignalBytes, optional: true },
  responses: { 202: { description: 'Accepted', schema: z.object({ runId: z.uuid(), name: z.string() }) } },
  async handle({ ctx, params, body, newId }) {
    return { status: 202, body: await sendSignal(ctx, { runId: runId(params.id), name: decoded(params.name ?? ''), data: body }, { id: newId }) };
  },
});

/** What cannot be decoded is no name of a signal, and is refused as such. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export const signalRoutes = [send];

import { z } from 'zod';
import { listCircuits, resetCircuit } from '@/server/circuits';
import { resetCircuitInput } from '@/server/circuits/schema';
import { defineRoute } from '../route';
import { circuitList } from './schemas';

const list = defineRoute({
  method: 'GET',
  path: '/api/v1/circuits',
  operationId: 'listCircuits',
  summary: 'The circuit breakers that are not closed, or failed lately.',
  permission: 'circuit:read',
  responses: { 200: { description: 'The breakers, open ones first', schema: circuitList } },
  async handle({ ctx }) {
    return { status: 200, body: await listCircuits(ctx) };
  },
});

const reset = defineRoute({
  method: 'POST',
  path: '/api/v1/circuits/reset',
  operationId: 'resetCircuit',
  summary: 'Closes a circuit breaker at once, for all workers.',
  permission: 'circuit:reset',
  body: { schema: resetCircuitInput, limit: 4096 },
  responses: { 200: { description: 'It is closed', schema: z.object({ target: z.string(), state: z.literal('closed') }) } },
  async handle({ ctx, body }) {
    return { status: 200, body: await resetCircuit(ctx, body) };
  },
});

export const circuitRoutes = [list, reset];

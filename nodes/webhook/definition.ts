import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

const methods = ['ANY', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export default defineNode({
  type: 'webhook',
  title: 'Webhook',
  description: 'Starts a run when another program calls this workflow’s own address; the input holds its body, query, headers and method.',
  category: 'trigger',
  icon: 'Webhook',
  color: 'grape',
  kind: 'trigger',
  config: z.strictObject({
    method: z.enum(methods).default('POST').describe('Requests of other methods are refused.').meta({ title: 'Method', widget: 'select' }),
    respond: z
      .string()
      .min(1)
      .default('accepted')
      .describe('What the caller gets: `accepted` answers at once, `last` waits for the run’s output or its Respond step, a step id waits for that step.')
      .meta({ title: 'Answer', widget: 'text', placeholder: 'accepted, last or a step id' }),
  }),
  defaults: { method: 'POST', respond: 'accepted' },
  execution: 'inline',
  subtitle: ({ method = 'POST', respond = 'accepted' }) => {
    const answer = respond === 'accepted' ? 'answers at once' : respond === 'last' ? 'answers with the result' : `answers with ${String(respond)}`;
    return `${String(method)}, ${answer}`;
  },
});

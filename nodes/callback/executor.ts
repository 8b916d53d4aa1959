import type { z } from 'zod';
import { beginning } from '@/core/node/beginning';
import { type ExecutorContext, type NodeExecutor, StepError } from '@/core/node/executor';
import { timeoutOf } from '@/core/node/timeout-settings';
import { ownSignal } from '@/core/workflow/signal-name';
import type { JsonObject } from '@/core/workflow/workflow';
import type { callbackConfig } from './definition';

type Config = z.infer<typeof callbackConfig>;
/** Statuses of 400 and above after which another try may help. */
const retryable = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Sends the request, if there is one, and waits for the call of this step's address. A call that comes before the answer to the request counts. */
const callback: NodeExecutor<Config> = async (config, context) => {
  const details: JsonObject = config.request ? { asked: config.request.url, status: await send(config.request, context) } : {};
  const signal = ownSignal('callback', context.path, context.tryKey);
  return { wait: { kind: 'callback', signal, ...timeoutOf(config, context.now, 'The callback'), details } };
};
export default callback;

async function send(request: NonNullable<Config['request']>, { organizationId, idempotencyKey, services, signal }: ExecutorContext): Promise<number> {
  const { method, url, credential, body } = request;
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const hasBody = body !== undefined && body !== null && method !== 'GET';
  const answer = await services.http.request(
    organizationId,
    {
      method,
      url,
      headers: {
        accept: '*/*',
        'user-agent': 'Heddle',
        'idempotency-key': idempotencyKey,
        ...(hasBody ? { 'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json' } : {}),
        ...headers,
      },
      ...(hasBody ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
      ...(credential ? { credential } : {}),
    },
    signal,
  );
  if (answer.status < 400) return answer.status;
  throw new StepError(`http_${answer.status}`, `${method} ${url} answered ${answer.status}.`, {
    retryable: retryable.has(answer.status),
    details: { status: answer.status, body: beginning(answer.body, 2_000) },
  });
}

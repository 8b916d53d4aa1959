import type { z } from 'zod';
import { type NodeExecutor, StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import type { httpConfig } from './definition';

type Config = z.infer<typeof httpConfig>;
/** Statuses of 400 and above after which another try may help. */
const retryable = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Sends one request through the egress client; the answer's status, headers and parsed body are the output. */
const http: NodeExecutor<Config> = async (config, context) => {
  const url = withQuery(config.url, config.query);
  const headers: Record<string, string> = { accept: '*/*', 'user-agent': 'Heddle', ...lowerCased(config.headers) };
  let body: string | undefined;
  if (config.body !== undefined && config.body !== null && config.method !== 'GET' && config.method !== 'HEAD') {
    body = typeof config.body === 'string' ? config.body : JSON.stringify(config.body);
    headers['content-type'] ??= typeof config.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  }
  if (config.method !== 'GET' && config.method !== 'HEAD') headers['idempotency-key'] ??= context.idempotencyKey;
  const answer = await context.services.http.request(
    context.organizationId,
    {
      method: config.method,
      url,
      headers,
      body,
      maxBytes: Math.ceil(config.maxMegabytes * 1024 * 1024),
      followRedirects: config.followRedirects,
      credential: config.credential,
    },
    context.signal,
  );
  if (config.failOnError && answer.status >= 400) {
    throw new StepError('http_status', `${config.method} ${url} answered ${answer.status}.`, {
      retryable: retryable.has(answer.status),
      details: { status: answer.status, body: answer.body.slice(0, 2000) },
    });
  }
  return {
    output: {
      status: answer.status,
      headers: answer.headers,
      body: parseBody(answer.body, answer.headers['content-type'] ?? '', config.parse),
      url: answer.url,
    },
  };
};
export default http;

function withQuery(address: string, query: Config['query']): string {
  if (!URL.canParse(address)) {
    throw new StepError('invalid_url', `"${address}" is no address; it wants the form https://host/path.`, { retryable: false });
  }
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, String(value));
  return url.toString();
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function parseBody(text: string, contentType: string, parse: Config['parse']): Json {
  if (parse === 'text') return text;
  const isJson = /[/+]json\b/i.test(contentType);
  if (parse === 'auto' && !isJson) return text;
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    if (parse === 'auto') return text;
    throw new StepError('invalid_json', `The answer is not JSON: it starts with ${JSON.stringify(text.slice(0, 60))}.`, { retryable: false, cause });
  }
}

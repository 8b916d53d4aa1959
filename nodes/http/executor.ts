import type { z } from 'zod';
import { beginning } from '@/core/node/beginning';
import { type ExecutorContext, type NodeExecutor, StepError } from '@/core/node/executor';
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
  const request = { method: config.method, url, headers, body, followRedirects: config.followRedirects, credential: config.credential };
  if (config.saveAsFile) return { output: await saveAnswer(config, request, context) };
  const maxBytes = Math.ceil(config.maxMegabytes * 1024 * 1024);
  const answer = await context.services.http.request(context.organizationId, { ...request, maxBytes }, context.signal);
  if (config.failOnError && answer.status >= 400) throw refused(config, url, answer.status, answer.body);
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

function refused(config: Config, url: string, status: number, body: string): StepError {
  return new StepError(`http_${status}`, `${config.method} ${url} answered ${status}.`, {
    retryable: retryable.has(status),
    details: { status, body: beginning(body, 2000) },
  });
}

/** Streams the body into a file of the run. */
async function saveAnswer(
  config: Config,
  request: { method: string; url: string; headers: Record<string, string>; body?: string; followRedirects: boolean; credential?: string },
  { organizationId, runId, path, services, signal }: ExecutorContext,
): Promise<Json> {
  const { http: client, artifacts } = services;
  if (!client.download || !artifacts) throw new StepError('not_available', 'No files can be kept here.', { retryable: false });
  const maxBytes = Math.ceil(config.maxFileMegabytes * 1024 * 1024);
  const answer = await client.download(organizationId, { ...request, maxBytes }, signal);
  if (config.failOnError && answer.status >= 400) throw refused(config, request.url, answer.status, await beginningOf(answer.body));
  const contentType = answer.headers['content-type'] || 'application/octet-stream';
  const name = config.fileName || nameOf(answer.headers['content-disposition'] ?? '', answer.url);
  try {
    const file = await artifacts.save({ organizationId, runId, path }, { name, contentType, content: answer.body });
    return { status: answer.status, headers: answer.headers, file: { ...file }, url: answer.url };
  } finally {
    await answer.body.return(undefined);
  }
}

/** What an answer begins with; the rest is not read. */
async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= 2000) break;
  }
  return text;
}

/** The name that an answer gives its content, else the last part of the address. */
function nameOf(disposition: string, url: string): string {
  const [, encoded] = /filename\*=utf-8''([^;\s]+)/i.exec(disposition) ?? [];
  const [, quoted, plain] = /filename="?(?:(?<=")([^"]*)"|([^;\s"]+))/i.exec(disposition) ?? [];
  const last = new URL(url).pathname.split('/').at(-1);
  return decoded(encoded) || quoted || plain || decoded(last) || 'answer';
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}

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
    throw new StepError('invalid_json', `The answer is not JSON: it starts with ${JSON.stringify(beginning(text, 60))}.`, { retryable: false, cause });
  }
}

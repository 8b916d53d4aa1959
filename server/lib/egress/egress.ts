import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { type HttpService, StepError } from '@/core/node/executor';
import { redactSecrets } from '../registered-secrets';
import { isAllowedAddress, parseRanges } from './address-rules';
import { egressFailure } from './egress-failure';
import { isOwnData } from './own-data';
import { acceptEncoding, decodeText, readBody, streamBody } from './read-body';
import { headersForOtherHost, requestHeaders } from './request-headers';

export interface EgressOptions {
  /** CIDRs that may be reached though private (HEDDLE_EGRESS_ALLOW) */
  allow?: readonly string[];
  /** Heddle's own origin, whose /data/ may be read */
  ownOrigin?: string;
  /** headers that a credential adds for this address; throws when it is not bound to the host */
  credentialHeaders?: (organizationId: string, credential: string, url: URL) => Promise<Record<string, string>>;
  /** name resolution, replaced in tests */
  lookup?: typeof systemLookup;
  /** ms of one whole request, redirects included (default 60 s) */
  timeoutMs?: number;
}

export interface EgressRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  maxBytes?: number;
  followRedirects?: boolean;
  credential?: string;
  timeoutMs?: number;
}

export interface EgressAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  url: string;
}

export interface EgressDownload extends Omit<EgressAnswer, 'body'> {
  body: AsyncGenerator<Uint8Array>;
}

export interface Egress extends HttpService {
  request(organizationId: string, request: EgressRequest, signal: AbortSignal): Promise<EgressAnswer>;
  download(organizationId: string, request: EgressRequest & { maxBytes: number }, signal: AbortSignal): Promise<EgressDownload>;
  close(): Promise<void>;
}

const mostBytes = 10 * 1024 * 1024;
/** ms that a whole download may take; its step may have less */
const downloadTimeout = 600_000;
/** characters of a secret in its longest spelling, as far as a stream is searched over the borders of its chunks */
const longestSecret = 16_384;
const mostRedirects = 5;
const connectTimeout = 10_000;

/**
 * The only way out to addresses that tenants give (security.md R7). Every address of a name is checked, the connection goes to a checked
 * address, each redirect is checked anew and leaves credentials behind when it changes hosts; size and time are capped; no proxy is used.
 */
export function createEgress(options: EgressOptions = {}): Egress {
  return new CheckedEgress(options);
}

/** One request of a chain of redirects. */
interface Hop {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body?: string;
  credential?: string;
}

class CheckedEgress implements Egress {
  private readonly allowed: ReturnType<typeof parseRanges>;
  private readonly guarded: Agent;
  private own: Agent | undefined;

  constructor(private readonly options: EgressOptions) {
    this.allowed = parseRanges(options.allow ?? []);
    this.guarded = new Agent({
      connect: { lookup: guardedLookup(this.allowed, options.lookup ?? systemLookup), timeout: connectTimeout, autoSelectFamily: true },
      allowH2: false,
      connections: 64,
      keepAliveTimeout: 10_000,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async request(organizationId: string, request: EgressRequest, signal: AbortSignal): Promise<EgressAnswer> {
    const limit = request.timeoutMs ?? this.options.timeoutMs ?? 60_000;
    const clock = AbortSignal.timeout(limit);
    try {
      const [answer, hop] = await this.exchange(organizationId, request, AbortSignal.any([signal, clock]));
      return await readAnswer(answer, hop, Math.min(request.maxBytes ?? mostBytes, mostBytes));
    } catch (error) {
      throw inTime(error, request.url, limit, signal, clock);
    }
  }

  async download(organizationId: string, request: EgressRequest & { maxBytes: number }, signal: AbortSignal): Promise<EgressDownload> {
    const limit = request.timeoutMs ?? downloadTimeout;
    const clock = AbortSignal.timeout(limit);
    try {
      const [answer, hop] = await this.exchange(organizationId, request, AbortSignal.any([signal, clock]));
      const { headers, url, encoding } = factsOf(answer, hop);
      const bytes = streamBody(answer.body, encoding, request.maxBytes);
      const body = explained(hop.credential ? redacted(bytes) : bytes, (error) => inTime(egressFailure(error, hop.url), request.url, limit, signal, clock));
      return { status: answer.statusCode, headers, url, body };
    } catch (error) {
      throw inTime(error, request.url, limit, signal, clock);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.guarded.destroy(), this.own?.destroy()]);
  }

  private async exchange(organizationId: string, request: EgressRequest, signal: AbortSignal): Promise<[Dispatcher.ResponseData, Hop]> {
    const { method, headers, body, credential } = request;
    let hop: Hop = { url: checkedUrl(request.url), method: method.toUpperCase(), headers: requestHeaders(headers), body, credential };
    for (let count = 0; ; count++) {
      const answer = await this.send(organizationId, hop, signal);
      const location = request.followRedirects === false ? undefined : redirectOf(answer);
      if (!location) return [answer, hop];
      await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
      if (count === mostRedirects)
        throw new StepError('too_many_redirects', `${hop.url.host} redirected more than ${mostRedirects} times.`, { retryable: false });
      hop = redirected(hop, answer.statusCode, checkedUrl(location, hop.url));
    }
  }

  private async send(organizationId: string, { url, method, headers, body, credential }: Hop, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const dispatcher = this.dispatcherFor(url, method);
    const secret = credential ? await this.options.credentialHeaders?.(organizationId, credential, url) : {};
    if (!secret) throw new StepError('credential_unavailable', 'Credentials are not available here.', { retryable: false });
    try {
      return await dispatcher.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: method as Dispatcher.HttpMethod,
        headers: { 'accept-encoding': acceptEncoding, ...headers, ...secret },
        body,
        signal,
      });
    } catch (error) {
      throw egressFailure(error, url);
    }
  }

  private dispatcherFor(url: URL, method: string): Dispatcher {
    if (isOwnData(url, method, this.options.ownOrigin)) {
      this.own ??= new Agent({ connect: { timeout: connectTimeout }, allowH2: false, connections: 16, keepAliveTimeout: 4000 });
      return this.own;
    }
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    // a literal never reaches the lookup
    if (isIP(literal) && !isAllowedAddress(literal, this.allowed)) throw denied(url.hostname);
    return this.guarded;
  }
}

function redirectOf(answer: Dispatcher.ResponseData): string | undefined {
  return [301, 302, 303, 307, 308].includes(answer.statusCode) ? header(answer.headers.location) || undefined : undefined;
}

/** What a redirect makes of a request: another host gets no secrets, and POST becomes GET where HTTP says so. */
function redirected(hop: Hop, status: number, url: URL): Hop {
  const next: Hop = { ...hop, url };
  if (url.origin !== hop.url.origin) {
    next.headers = headersForOtherHost(hop.headers);
    next.credential = undefined;
  }
  if (status === 303 || (status < 303 && hop.method === 'POST')) {
    next.method = hop.method === 'HEAD' ? 'HEAD' : 'GET';
    next.body = undefined;
    const { 'content-type': _dropped, ...rest } = next.headers;
    next.headers = rest;
  }
  return next;
}

/** The answer of the last hop, but for its body. A host that echoes what it was sent must not bring the secret into the run's data. */
function factsOf(answer: Dispatcher.ResponseData, { url, method, credential }: Hop): { headers: Record<string, string>; url: string; encoding: string } {
  const empty = method === 'HEAD' || answer.statusCode === 204 || answer.statusCode === 304;
  const shown = credential ? redactSecrets : (text: string) => text;
  const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, shown(header(value))]));
  return { headers, url: shown(url.toString()), encoding: empty ? '' : (headers['content-encoding'] ?? '') };
}

async function readAnswer(answer: Dispatcher.ResponseData, hop: Hop, maxBytes: number): Promise<EgressAnswer> {
  const { headers, url, encoding } = factsOf(answer, hop);
  try {
    const text = decodeText(await readBody(answer.body, encoding, maxBytes), headers['content-type'] ?? '');
    return { status: answer.statusCode, headers, body: hop.credential ? redactSecrets(text) : text, url };
  } catch (error) {
    throw egressFailure(error, hop.url);
  }
}

/** The stream with every registered secret replaced, those over the borders of its chunks too. Bytes are taken as Latin-1, which changes no other. */
async function* redacted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = '';
  for await (const chunk of bytes) {
    const text = redactSecrets(held + Buffer.from(chunk).toString('latin1'));
    const cut = Math.max(0, text.length - longestSecret);
    if (cut > 0) yield Buffer.from(text.slice(0, cut), 'latin1');
    held = text.slice(cut);
  }
  if (held) yield Buffer.from(held, 'latin1');
}

async function* explained(bytes: AsyncIterable<Uint8Array>, explain: (error: unknown) => unknown): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw explain(error);
  }
}

/** Why a request broke off: its caller stopped it, its time was over, or what it says itself. */
function inTime(error: unknown, url: string, limit: number, signal: AbortSignal, clock: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (clock.aborted) return new StepError('timeout', `${hostOf(url)} did not answer within ${limit / 1000} s.`, { cause: error });
  return error;
}

function denied(host: string): StepError {
  return new StepError(
    'egress_denied',
    `${host} is not a public address. Workflows may reach private networks only where the operator allows it (HEDDLE_EGRESS_ALLOW).`,
    {
      retryable: false,
    },
  );
}

/** Resolves a name and hands on its addresses only when every one of them is allowed, so that the socket connects to what was checked. */
function guardedLookup(allowed: ReturnType<typeof parseRanges>, resolve: typeof systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { family: options.family, hints: options.hints, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const first = addresses[0];
      if (!first || !addresses.every(({ address }) => isAllowedAddress(address, allowed))) return callback(denied(hostname), '', 0);
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function checkedUrl(address: string, base?: URL): URL {
  if (!URL.canParse(address, base)) {
    throw new StepError('invalid_url', `"${address.slice(0, 200)}" is no address; it wants the form https://host/path.`, { retryable: false });
  }
  const url = new URL(address, base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new StepError('invalid_url', `Only http and https addresses can be called, not ${url.protocol}//.`, { retryable: false });
  }
  if (url.username || url.password) {
    throw new StepError('invalid_url', 'An address must not hold a user name or password; use a credential.', { retryable: false });
  }
  url.hash = '';
  return url;
}

function header(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : 'The host';
}

import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { type HttpService, StepError } from '@/core/node/executor';
import { isAllowedAddress, parseRanges } from './address-rules';
import { egressFailure } from './egress-failure';
import { isOwnData } from './own-data';
import { acceptEncoding, decodeText, readBody } from './read-body';
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

export interface Egress extends HttpService {
  request(organizationId: string, request: EgressRequest, signal: AbortSignal): Promise<EgressAnswer>;
  close(): Promise<void>;
}

const mostBytes = 10 * 1024 * 1024;
const mostRedirects = 5;
const connectTimeout = 10_000;

/**
 * The only way out to addresses that tenants give (security.md R7). Every address of a name is checked, the connection goes to a checked
 * address, each redirect is checked anew and leaves credentials behind when it changes hosts; size and time are capped; no proxy is used.
 */
export function createEgress(options: EgressOptions = {}): Egress {
  const allowed = parseRanges(options.allow ?? []);
  const guarded = new Agent({
    connect: { lookup: guardedLookup(allowed, options.lookup ?? systemLookup), timeout: connectTimeout, autoSelectFamily: true },
    allowH2: false,
    connections: 64,
    keepAliveTimeout: 10_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  let own: Agent | undefined;

  function dispatcherFor(url: URL, method: string): Dispatcher {
    if (isOwnData(url, method, options.ownOrigin)) {
      own ??= new Agent({ connect: { timeout: connectTimeout }, allowH2: false, connections: 16, keepAliveTimeout: 4000 });
      return own;
    }
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    // a literal never reaches the lookup
    if (isIP(literal) && !isAllowedAddress(literal, allowed)) throw denied(url.hostname);
    return guarded;
  }

  async function exchange(organizationId: string, request: EgressRequest, signal: AbortSignal): Promise<EgressAnswer> {
    const maxBytes = Math.min(request.maxBytes ?? mostBytes, mostBytes);
    let url = checkedUrl(request.url);
    let method = request.method.toUpperCase();
    let body = request.body;
    let headers = requestHeaders(request.headers);
    let credential = request.credential;
    for (let hop = 0; ; hop++) {
      const secret = credential ? await options.credentialHeaders?.(organizationId, credential, url) : undefined;
      if (credential && !secret) throw new StepError('credential_unavailable', 'Credentials are not available here.', { retryable: false });
      const dispatcher = dispatcherFor(url, method);
      const answer = await dispatcher
        .request({ origin: url.origin, path: url.pathname + url.search, method: method as Dispatcher.HttpMethod, headers: { 'accept-encoding': acceptEncoding, ...headers, ...secret }, body, signal })
        .catch((error: unknown) => {
          throw egressFailure(error, url);
        });
      const location = header(answer.headers.location);
      if (request.followRedirects !== false && location && [301, 302, 303, 307, 308].includes(answer.statusCode)) {
        await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
        if (hop === mostRedirects) throw new StepError('too_many_redirects', `${url.host} redirected more than ${mostRedirects} times.`, { retryable: false });
        const next = checkedUrl(location, url);
        if (next.origin !== url.origin) {
          headers = headersForOtherHost(headers);
          credential = undefined;
        }
        if (answer.statusCode === 303 || (answer.statusCode < 303 && method === 'POST')) {
          if (method !== 'HEAD') method = 'GET';
          body = undefined;
          delete headers['content-type'];
        }
        url = next;
        continue;
      }
      const encoding = method === 'HEAD' || answer.statusCode === 204 || answer.statusCode === 304 ? '' : header(answer.headers['content-encoding']);
      const bytes = await readBody(answer.body, encoding, maxBytes).catch((error: unknown) => {
        throw egressFailure(error, url);
      });
      const flat = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, header(value)]));
      return { status: answer.statusCode, headers: flat, body: decodeText(bytes, flat['content-type'] ?? ''), url: url.toString() };
    }
  }

  return {
    async request(organizationId, request, signal) {
      const limit = request.timeoutMs ?? options.timeoutMs ?? 60_000;
      const clock = AbortSignal.timeout(limit);
      try {
        return await exchange(organizationId, request, AbortSignal.any([signal, clock]));
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (clock.aborted) throw new StepError('timeout', `${hostOf(request.url)} did not answer within ${limit / 1000} s.`, { cause: error });
        throw error;
      }
    },
    async close() {
      await Promise.all([guarded.destroy(), own?.destroy()]);
    },
  };
}

function denied(host: string): StepError {
  return new StepError('egress_denied', `${host} is not a public address. Workflows may reach private networks only where the operator allows it (HEDDLE_EGRESS_ALLOW).`, {
    retryable: false,
  });
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

import { LRUCache } from 'lru-cache';
import type { ExecutorServices, HttpService, ModelService } from '@/core/node/executor';
import { credentialId } from '@/server/credentials';
import type { CircuitBreaker } from './circuit-breaker';
import { type CallOutcome, isFailureStatus, outcomeOfError } from './policy';
import { hostTarget, targetName } from './targets';

/** What it takes to find the breakers of a call. */
export interface GuardOptions {
  /** the id of a credential by name or id; undefined when there is none */
  credentialId?: (organizationId: string, nameOrId: string) => Promise<string | undefined>;
}

/**
 * The services of executors behind circuit breakers: one for the host of a request, one for the credential it names, one for a model. What is
 * simulated inside Heddle has none.
 */
export function guardServices<S extends ExecutorServices>(services: S, breaker: CircuitBreaker, options: GuardOptions = {}): S {
  const known = new LRUCache<string, string>({ max: 5_000, ttl: 60_000 });
  const find = options.credentialId ?? credentialId;
  const credentialTarget = async (organizationId: string, nameOrId: string): Promise<string | undefined> => {
    const key = `${organizationId}|${nameOrId}`;
    let id = known.get(key);
    if (id === undefined) {
      id = await find(organizationId, nameOrId);
      if (id !== undefined) known.set(key, id);
    }
    return id === undefined ? undefined : targetName('credential', id);
  };
  return { ...services, http: guardHttp(services.http, breaker, credentialTarget), models: guardModels(services.models, breaker, credentialTarget) };
}

type FindCredential = (organizationId: string, nameOrId: string) => Promise<string | undefined>;

function guardHttp(http: HttpService, breaker: CircuitBreaker, find: FindCredential): HttpService {
  const behind = async <T extends { status: number }>(organizationId: string, request: { url: string; credential?: string }, call: () => Promise<T>) => {
    const host = hostTarget(request.url);
    const credential = request.credential ? await find(organizationId, request.credential) : undefined;
    const targets = [host, credential].filter((t) => t !== undefined);
    return guarded(breaker, organizationId, targets, call, ({ status }, target) => {
      // too many requests of one key say nothing of the host
      const failed = isFailureStatus(status) && !(status === 429 && credential && target === host);
      return failed ? { ok: false, code: 'http_status', message: `It answered ${status}.` } : { ok: true };
    });
  };
  const guardedHttp: HttpService = {
    request: (organizationId, request, signal) => behind(organizationId, request, () => http.request(organizationId, request, signal)),
  };
  // its body comes later: that it began to answer is what counts
  const download = http.download?.bind(http);
  if (download) {
    guardedHttp.download = (organizationId, request, signal) => behind(organizationId, request, () => download(organizationId, request, signal));
  }
  return guardedHttp;
}

function guardModels(models: ModelService, breaker: CircuitBreaker, find: FindCredential): ModelService {
  return {
    async generate(organizationId, request, signal) {
      const id = request.credential ? `${request.credential}/${request.model}` : request.model;
      const provider = id.slice(0, Math.max(0, id.indexOf('/')));
      if (!provider || provider === 'sandbox') return models.generate(organizationId, request, signal);
      const credential = await find(organizationId, provider);
      const targets = [targetName('model', id), credential].filter((t) => t !== undefined);
      return guarded(
        breaker,
        organizationId,
        targets,
        () => models.generate(organizationId, request, signal),
        () => ({ ok: true }),
      );
    },
  };
}

async function guarded<T>(
  breaker: CircuitBreaker,
  organizationId: string,
  targets: string[],
  call: () => Promise<T>,
  judge: (answer: T, target: string) => CallOutcome,
): Promise<T> {
  const entered = breaker.enter(organizationId, targets);
  const permit = entered instanceof Promise ? await entered : entered;
  let answer: T;
  try {
    answer = await call();
  } catch (error) {
    await breaker.leave(permit, () => outcomeOfError(error));
    throw error;
  }
  await breaker.leave(permit, (target) => judge(answer, target));
  return answer;
}

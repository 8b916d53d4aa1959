import { LRUCache } from 'lru-cache';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { credentialHeaders, listModelProviders } from '@/server/credentials';
import { env } from '@/server/env';
import { createEgress, type Egress } from '@/server/lib/egress';
import { sandboxModels } from './sandbox-models';

export interface ModelSummary {
  /** what a step's `model` setting holds */
  id: string;
  title: string;
  provider: string;
  simulated: boolean;
}

interface Shared {
  http?: Egress;
  /** names a provider listed, by organization, credential and address */
  listed: LRUCache<string, string[]>;
}
const shared: Shared = ((globalThis as { __heddleModels?: Shared }).__heddleModels ??= { listed: new LRUCache({ max: 500, ttl: 5 * 60_000 }) });
const patience = 3000;

/** The models a step may use, for the picker: the simulated ones, those entered with a credential and those its provider lists. */
export async function listModels(ctx: Context): Promise<ModelSummary[]> {
  authorize(ctx, 'workflow:read');
  const providers = await listModelProviders(ctx.organizationId);
  const found = await Promise.all(
    providers.map(async ({ name, baseUrl, models }) => {
      const listed = await namesAt(ctx.organizationId, name, baseUrl);
      return [...new Set([...models, ...listed])].map((model) => ({ id: `${name}/${model}`, title: model, provider: name, simulated: false }));
    }),
  );
  return [...sandboxModels.map(({ id, title }) => ({ id, title, provider: 'sandbox', simulated: true })), ...found.flat()];
}

/** What `GET /models` says; nothing when the provider does not answer soon. */
async function namesAt(organizationId: string, credential: string, baseUrl: string): Promise<string[]> {
  const key = `${organizationId}|${credential}|${baseUrl}`;
  const known = shared.listed.get(key);
  if (known) return known;
  shared.http ??= createEgress({ allow: env().HEDDLE_EGRESS_ALLOW, credentialHeaders });
  const names = await shared.http
    .request(
      organizationId,
      { method: 'GET', url: `${baseUrl}/models`, headers: {}, credential, followRedirects: false, maxBytes: 2_000_000, timeoutMs: patience },
      new AbortController().signal,
    )
    .then((answer) => (answer.status === 200 ? readNames(answer.body) : []))
    .catch(() => []);
  shared.listed.set(key, names);
  return names;
}

function readNames(body: string): string[] {
  const { data } = JSON.parse(body) as { data?: unknown };
  if (!Array.isArray(data)) return [];
  return data
    .map((m: unknown) => (m as { id?: unknown } | null)?.id)
    .filter((id): id is string => typeof id === 'string' && id.length > 0 && id.length <= 200)
    .slice(0, 500)
    .sort();
}

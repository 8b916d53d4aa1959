import type { OpenAICompatibleProviderSettings } from '@ai-sdk/openai-compatible';
import type { Egress } from '@/server/lib/egress';

/** The shape of the global one, which the server never calls. */
export type Fetch = NonNullable<OpenAICompatibleProviderSettings['fetch']>;

type Options = { organizationId: string; credential: string; timeoutMs: number };

/**
 * `fetch` for the AI SDK by way of the egress client: the address is checked like any tenant's, and the key is added at the very end, so the SDK
 * never holds it.
 */
export function egressFetch(http: Egress, { organizationId, credential, timeoutMs }: Options): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const headers = Object.fromEntries([...request.headers].filter(([name]) => name !== 'authorization'));
    const body = request.method === 'GET' ? undefined : await request.text();
    const signal = init?.signal ?? new AbortController().signal;
    const answer = await http.request(
      organizationId,
      { method: request.method, url: request.url, headers, body, credential, followRedirects: false, timeoutMs },
      signal,
    );
    const { 'content-encoding': _decoded, 'content-length': _changed, 'transfer-encoding': _gone, ...rest } = answer.headers;
    return new Response(answer.status === 204 || answer.status === 304 ? null : answer.body, { status: answer.status, headers: rest });
  };
}

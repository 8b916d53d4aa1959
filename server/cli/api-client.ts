import { processEnvironment, publicUrl } from '@/server/env';

/** What Heddle's HTTP API said no with. `problems` name places, and the command line prints them. */
class ApiProblem extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly problems: { path: string; message: string }[],
  ) {
    super(message);
  }
}

/** Calls the HTTP API of HEDDLE_URL with HEDDLE_API_KEY; resolves to the JSON of the answer, or its text. */
export async function callApi<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const { HEDDLE_URL, HEDDLE_API_KEY } = processEnvironment();
  const base = (HEDDLE_URL || publicUrl()).replace(/\/+$/, '');
  if (!HEDDLE_API_KEY) {
    throw new Error('HEDDLE_API_KEY is not set. Make a key under Settings → API keys, or with: heddle bootstrap --email … --password … --org … --json');
  }
  if (!URL.canParse(base) || !/^https?:/.test(base)) throw new Error(`HEDDLE_URL wants the address of a Heddle, http://localhost:3000 (found ${base}).`);
  const response = await send(base, path, {
    method,
    headers: { authorization: `Bearer ${HEDDLE_API_KEY}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
  if (!response.ok) {
    const problem = (isJson ? JSON.parse(text) : {}) as { detail?: string; errors?: { path: string; message: string }[]; requestId?: string };
    const id = problem.requestId ? ` (request ${problem.requestId})` : '';
    throw new ApiProblem(`${problem.detail ?? `${base} answered ${response.status}.`}${id}`, response.status, problem.errors ?? []);
  }
  return (isJson ? JSON.parse(text) : text) as T;
}

async function send(base: string, path: string, init: RequestInit): Promise<Response> {
  try {
    // biome-ignore lint/style/noRestrictedGlobals: the operator's own Heddle, from the operator's own terminal; no tenant gave this address
    return await fetch(base + path, init);
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause;
    throw new Error(`Heddle does not answer at ${base}${cause?.code ? ` (${cause.code})` : ''}. Is it running? HEDDLE_URL says where.`);
  }
}

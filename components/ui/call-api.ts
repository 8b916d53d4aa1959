export interface ApiFailure {
  message: string;
  problems: { path: string; message: string }[];
}

/** One mutation by plain HTTP, for public pages that would otherwise load the whole API client for a single button. */
export async function callApi<T>(procedure: string, input: unknown): Promise<{ ok: true; data: T } | ({ ok: false } & ApiFailure)> {
  const response = await fetch(`/api/trpc/${procedure}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  }).catch(() => null);
  const answer = (await response?.json().catch(() => null)) as {
    result?: { data: T };
    error?: { message: string; data?: { problems?: ApiFailure['problems'] } };
  } | null;
  if (answer?.result) return { ok: true, data: answer.result.data };
  return { ok: false, message: answer?.error?.message ?? 'Heddle could not be reached. Is your connection up?', problems: answer?.error?.data?.problems ?? [] };
}

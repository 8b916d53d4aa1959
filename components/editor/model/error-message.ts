import { readApiError } from '@/components/ui/api-error';

/** What to tell a person about a failed call, or about an error of ours. */
export function messageOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TRPCClientError') return readApiError(error).message;
  return error instanceof Error ? error.message : String(error);
}

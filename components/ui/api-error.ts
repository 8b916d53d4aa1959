/** What a page shows of a failed call: the message for people, and the id under which an unexpected error was logged. */
export function readApiError(error: unknown): { message: string; errorId?: string; reason?: string } {
  const { message, data } = error as { message?: string; data?: { id?: string; reason?: string } | null };
  if (!data) return { message: 'Heddle could not be reached. Is your connection up?' };
  if (data.id) return { message: 'Something went wrong on our side. It was logged.', errorId: data.id, reason: data.reason };
  return { message: message ?? 'Something went wrong.', reason: data.reason };
}

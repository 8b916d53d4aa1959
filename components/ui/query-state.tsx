'use client';
import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { readApiError } from './api-error';
import { EmptyState } from './empty-state';
import { ErrorState } from './error-state';
import { LoadingState } from './loading-state';

interface Query<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** Loading, refused, failed or there: the four states of asked-for data, the same on every page. Old data stays while a refresh fails. */
export function QueryState<T>({ query, rows, children }: { query: Query<T>; rows?: number; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (!query.error) return <LoadingState rows={rows} />;
  const { message, errorId, reason } = readApiError(query.error);
  if (reason === 'forbidden') return <NoPermission message={message} />;
  return <ErrorState message={message} errorId={errorId} onRetry={() => void query.refetch()} />;
}

/** The page exists, but not for this role. */
export function NoPermission({ message }: { message: string }) {
  return (
    <EmptyState icon={<IconLock size={22} />} title="Not for your role">
      {message} An owner or admin of the organization can change your role.
    </EmptyState>
  );
}

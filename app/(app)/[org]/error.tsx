'use client';
import { ErrorState } from '@/components/ui/error-state';

export default function OrganizationErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <ErrorState
      title="This page could not be shown"
      message="It was logged. Try again; if it stays, tell us the error id."
      errorId={error.digest}
      onRetry={reset}
    />
  );
}

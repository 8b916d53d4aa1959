'use client';
import { ErrorState } from '@/components/ui/error-state';
import classes from '@/components/ui/whole-page.module.css';

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className={classes.page}>
      <ErrorState title="Something went wrong" message="It was logged. Try again; if it stays, tell us the error id." errorId={error.digest} onRetry={reset} />
    </main>
  );
}

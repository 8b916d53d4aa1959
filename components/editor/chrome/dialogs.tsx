'use client';
import { lazy, Suspense } from 'react';
import { useUi } from '../session-context';

const StepSearch = lazy(() => import('./step-search'));
const Shortcuts = lazy(() => import('./shortcuts'));

/** The dialogs that few openings need; loaded when first asked for. */
export function Dialogs() {
  const dialog = useUi((ui) => ui.dialog);
  return (
    <Suspense fallback={null}>
      {dialog === 'search' ? <StepSearch /> : null}
      {dialog === 'shortcuts' ? <Shortcuts /> : null}
    </Suspense>
  );
}

'use client';
import { useDeferredValue, useEffect, useState } from 'react';
import type { Json } from '@/core/workflow/workflow';
import { previewScope } from '../model/preview-scope';
import { useStore } from '../model/use-store';
import { useSession, useWorkflow } from '../session-context';
import classes from './code.module.css';

type Shown = { text: string; fault: boolean };

/** What an expression gives with the values of the last run. Nothing without one, and nothing for plain text. */
export function Preview({ value, cel = false, step }: { value: Json | undefined; cel?: boolean; step?: string }) {
  const session = useSession();
  const workflow = useWorkflow();
  const run = useStore(session.run.run);
  const wanted = useDeferredValue(value);
  const [shown, setShown] = useState<Shown>();
  const dynamic = cel ? typeof wanted === 'string' && wanted.trim() !== '' : wanted !== undefined && JSON.stringify(wanted).includes('{{');
  const settled = run !== undefined && run.finishedAt !== undefined;
  useEffect(() => {
    if (!dynamic || !settled) {
      setShown(undefined);
      return;
    }
    let current = true;
    const timer = setTimeout(async () => {
      const { evaluateForPreview } = await import('./expression-tools');
      const scope = previewScope(session, workflow, step);
      if (!current || !scope) return;
      setShown(evaluateForPreview(wanted as Json, cel, scope));
    }, 120);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [wanted, dynamic, settled, cel, session, workflow, step]);
  if (!shown) return null;
  return (
    <output tabIndex={0} className={classes.preview} data-fault={shown.fault || undefined} aria-label="Value in the last run">
      {shown.text}
    </output>
  );
}

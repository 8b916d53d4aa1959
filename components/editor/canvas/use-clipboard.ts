'use client';
import { useEffect } from 'react';
import { toAwlDocument } from '@/core/workflow/to-awl-document';
import { canCopy, excerpt } from '../model/clipboard';
import { say } from '../model/editor-actions';
import { deleteSelection, insertSteps } from '../model/selection-actions';
import { useSession } from '../session-context';
import { isTyping } from './use-canvas-keys';

/** Copies the selected steps as AWL, and pastes AWL from wherever it comes (a chat, the docs, another workflow). */
export function useClipboard(): void {
  const session = useSession();
  useEffect(() => {
    const busy = (event: ClipboardEvent) => isTyping(event.target) || (window.getSelection()?.toString() ?? '') !== '';
    const onCopy = (event: ClipboardEvent) => {
      const { selected } = session.ui.get();
      const workflow = session.draft.workflow.get();
      if (busy(event) || !canCopy(workflow, [...selected])) return;
      event.preventDefault();
      event.clipboardData?.setData('text/plain', JSON.stringify(toAwlDocument(excerpt(workflow, [...selected], session.definitions)), null, 2));
      if (event.type === 'cut') deleteSelection(session);
      else say(session, `Copied ${selected.length === 1 ? 'one step' : `${selected.length} steps`}`);
    };
    const onPaste = async (event: ClipboardEvent) => {
      if (isTyping(event.target) || !session.access.edit) return;
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (!/\bsteps\b/.test(text)) return;
      event.preventDefault();
      const { parseAwl } = await import('@/core/workflow/awl');
      const parsed = parseAwl(text);
      if (parsed.ok) insertSteps(session, parsed.workflow);
      else say(session, `Nothing pasted: ${parsed.problems[0]?.message ?? 'the text is no workflow.'}`);
    };
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCopy);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCopy);
      document.removeEventListener('paste', onPaste);
    };
  }, [session]);
}

import { toAwlDocument } from '@/core/workflow/to-awl-document';
import { canonicalText } from './canonical-text';
import { localCopy, tabId, tabsWithCopies } from './local-copy';
import type { EditorSession } from './session';

/** An open tab acknowledges its edits well within this time. */
const OTHERS_SAVE_WITHIN_MS = 2000;

/**
 * Edits that were never acknowledged. This tab's own, on top of what the server still has, are taken up again; all others are only offered,
 * so that a tab never shows what the person did not do in it. Returns what ends the looking.
 */
export function offerRescue(session: EditorSession): () => void {
  const own = tabId(window.sessionStorage);
  void look(session, own, own);
  const timer = setTimeout(() => {
    for (const tab of tabsWithCopies(session.workflowId, window.localStorage)) if (tab !== own) void look(session, tab, own);
  }, OTHERS_SAVE_WITHIN_MS);
  return () => clearTimeout(timer);
}

async function look(session: EditorSession, tab: string, own: string): Promise<void> {
  const local = localCopy(session.workflowId, tab, window.localStorage);
  const kept = local.read();
  if (!kept) return;
  const before = session.draft.workflow.get();
  const { parseAwl } = await import('@/core/workflow/awl');
  const parsed = canonicalText(kept.definition) === canonicalText(toAwlDocument(before)) ? undefined : parseAwl(kept.definition);
  const edited = session.draft.workflow.get() !== before;
  if (!parsed?.ok) {
    if (!edited) local.forget();
    return;
  }
  const current = kept.baseRevision === session.autosave.revision;
  if (tab === own && current) {
    if (!edited) session.draft.replace(parsed.workflow);
    return;
  }
  session.rescue.set({ workflow: parsed.workflow, at: kept.at, current, forget: () => local.forget() });
}

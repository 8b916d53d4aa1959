import type { TRPCClient } from '@trpc/client';
import type { AppRouter } from '@/components/api/trpc-client';
import type { EditorSession } from './session';

/** Takes up the draft that the server has. `unless edited`: only when it is newer, and nothing was edited here in the meantime. */
export async function loadServerDraft(session: EditorSession, client: TRPCClient<AppRouter>, when: 'always' | 'unless edited'): Promise<void> {
  const { draft } = await client.workflows.get.query({ org: session.org, id: session.workflowId });
  if (when === 'unless edited' && draft.revision <= session.autosave.revision) return;
  const { parseAwl } = await import('@/core/workflow/awl');
  const parsed = parseAwl(draft.document);
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message ?? 'The stored workflow cannot be read.');
  if (when === 'unless edited' && (session.autosave.pending || draft.revision <= session.autosave.revision)) return;
  session.draft.replace(parsed.workflow);
  session.autosave.settle(draft.revision);
}

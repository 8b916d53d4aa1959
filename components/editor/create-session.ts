import type { TRPCClient } from '@trpc/client';
import type { ApiOutputs, AppRouter } from '@/components/api/trpc-client';
import { toAwlDocument } from '@/core/workflow/to-awl-document';
import type { Problem, Workflow } from '@/core/workflow/workflow';
import { nodeDefinitions } from '@/nodes/definitions';
import { Autosave, SaveConflict, SaveRefused } from './model/autosave';
import { canonicalText } from './model/canonical-text';
import { readCollapsed } from './model/collapsed';
import { DraftStore } from './model/draft-store';
import { messageOf } from './model/error-message';
import { loadServerDraft } from './model/load-server-draft';
import { localCopy, tabId } from './model/local-copy';
import { offerRescue } from './model/rescue';
import { RunStore } from './model/run-store';
import { type EditorAccess, type EditorSession, initialUi, type Problems, type Published, type Rescue } from './model/session';
import { createStore, KeyedStore } from './model/store';

export type WorkflowDetail = ApiOutputs['workflows']['get'];

/** What one open editor shares, from what the server sent with the page. */
export function createSession(
  org: string,
  detail: Omit<WorkflowDetail, 'draft' | 'version'> & { draft: { revision: number }; version: { number: number; document: unknown } | null },
  workflow: Workflow,
  access: EditorAccess,
  client: TRPCClient<AppRouter>,
): EditorSession {
  const draft = new DraftStore(workflow);
  const storage = typeof window === 'undefined' ? { getItem: () => null, setItem: () => {}, removeItem: () => {} } : window.localStorage;
  const autosave = new Autosave({
    revision: detail.draft.revision,
    local: localCopy(detail.id, typeof window === 'undefined' ? 'server' : tabId(window.sessionStorage), storage),
    read: () => toAwlDocument(draft.workflow.get()),
    async save(baseRevision, definition) {
      try {
        const { revision } = await client.workflows.saveDraft.mutate({ org, id: detail.id, baseRevision, definition });
        return { revision };
      } catch (error) {
        throw saveFailure(error);
      }
    },
  });
  return {
    org,
    workflowId: detail.id,
    project: detail.project,
    definitions: nodeDefinitions,
    access,
    draft,
    autosave,
    rescue: createStore<Rescue | undefined>(undefined),
    run: new RunStore(),
    ui: createStore(initialUi),
    problems: createStore<Problems>({ all: [], checked: false }),
    problemOf: new KeyedStore<Problem>(),
    published: createStore<Published>({
      version: detail.version?.number,
      text: detail.version ? canonicalText(detail.version.document) : undefined,
      triggers: detail.triggers,
    }),
    view: { current: undefined },
  };
}

function saveFailure(error: unknown): Error {
  const status = (error as { data?: { httpStatus?: number } | null }).data?.httpStatus;
  if (status === 409) return new SaveConflict('Somebody else changed this workflow.');
  if (status !== undefined && status >= 400 && status < 500 && status !== 429) return new SaveRefused(messageOf(error));
  return new Error(messageOf(error));
}

/** Saves on every change, keeps what a crash left behind, checks as one types. Returns what ends all of it. */
export function startSession(session: EditorSession, client: TRPCClient<AppRouter>): () => void {
  const { draft, autosave } = session;
  const check = debounce(() => void validate(session), 200);
  const stops = [
    draft.workflow.subscribe(() => {
      check();
      if (session.access.edit) autosave.touch();
    }),
  ];
  const flush = () => void autosave.flush().catch(() => {});
  const whenHidden = () => document.visibilityState === 'hidden' && flush();
  // what another tab or person saved meanwhile, as long as nothing of this tab is under way
  const refresh = () => {
    if (!autosave.pending && autosave.state.get().kind === 'saved') loadServerDraft(session, client, 'unless edited').catch(() => {});
  };
  const online = () => autosave.retry();
  const beforeUnload = (event: BeforeUnloadEvent) => {
    if (!autosave.pending) return;
    flush();
    if (autosave.state.get().kind !== 'saving') event.preventDefault();
  };
  window.addEventListener('focus', refresh);
  window.addEventListener('blur', flush);
  window.addEventListener('online', online);
  window.addEventListener('beforeunload', beforeUnload);
  document.addEventListener('visibilitychange', whenHidden);
  const ends = session.access.edit ? offerRescue(session) : () => {};
  const collapsed = readCollapsed(session.workflowId);
  if (collapsed.size > 0) session.ui.set((now) => ({ ...now, collapsed }));
  void validate(session);
  return () => {
    for (const stop of stops) stop();
    ends();
    window.removeEventListener('focus', refresh);
    window.removeEventListener('blur', flush);
    window.removeEventListener('online', online);
    window.removeEventListener('beforeunload', beforeUnload);
    document.removeEventListener('visibilitychange', whenHidden);
    flush();
  };
}

async function validate(session: EditorSession): Promise<void> {
  const { validateWorkflow } = await import('@/core/workflow/validate');
  const all = validateWorkflow(session.draft.workflow.get(), session.definitions);
  session.problems.set({ all, checked: true });
  const worst = new Map<string, Problem>();
  for (const problem of all) {
    if (problem.step && (!worst.has(problem.step) || (problem.severity === 'error' && worst.get(problem.step)?.severity !== 'error')))
      worst.set(problem.step, problem);
  }
  session.problemOf.replace(worst);
}

function debounce(act: () => void, delay: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, delay);
  };
}

'use client';
import { createContext, useContext } from 'react';
import type { Workflow } from '@/core/workflow/workflow';
import type { EditorSession, EditorUi } from './model/session';
import { useStore } from './model/use-store';

export const SessionContext = createContext<EditorSession | null>(null);

export function useSession(): EditorSession {
  const session = useContext(SessionContext);
  if (!session) throw new Error('This part belongs inside an editor.');
  return session;
}

/** A part of the workflow being edited; `select` returns the same reference while that part is the same. */
export function useWorkflow<S = Workflow>(select?: (workflow: Workflow) => S): S {
  return useStore(useSession().draft.workflow, select);
}

export function useUi<S>(select: (ui: EditorUi) => S): S {
  return useStore(useSession().ui, select);
}

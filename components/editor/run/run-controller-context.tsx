'use client';
import { createContext, type ReactNode, useContext } from 'react';
import { type RunController, useRunController } from './use-run-controller';

const RunContext = createContext<RunController | null>(null);

export function RunControllerProvider({ children }: { children: ReactNode }) {
  return <RunContext value={useRunController()}>{children}</RunContext>;
}

export function useRuns(): RunController {
  const controller = useContext(RunContext);
  if (!controller) throw new Error('Runs belong inside an editor.');
  return controller;
}

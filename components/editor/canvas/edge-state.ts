import type { StepRun } from '../model/run-store';

/** How far a run got along a connection. A way not taken stays as it is. */
export function edgeState(source: StepRun | undefined, target: StepRun | undefined, port: string | undefined, implied: boolean): string | undefined {
  if (!target || target.status === 'pending' || target.status === 'skipped' || target.status === 'cancelled') return undefined;
  if (implied) return target.status;
  if (!source || source.status === 'skipped' || source.status === 'pending') return undefined;
  if (port === 'error') return source.status === 'failed' ? target.status : undefined;
  if (source.port !== undefined && source.port !== (port ?? '')) return undefined;
  return target.status;
}

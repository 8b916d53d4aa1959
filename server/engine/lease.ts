/** A row of rq_cycle or rq_lease_suspects: a run that this process executes. */
export interface Lease {
  id: string;
  organization_id: string;
  run_id: string;
  fence: number;
  workflow_id: string;
  version_id: string;
  trigger: string;
  input: string;
  queued_ms: number;
  status: 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled';
  parent_run_id: string | null;
  retry_from: string | null;
  has_mail: boolean;
  /** of a run whose workers died: how many did */
  deaths?: number;
  /** it is not executed any more but ended as poisoned */
  convicted?: boolean;
}

/** Whether nothing of the run was ever written: no log has to be read. */
export function isFresh(lease: Lease): boolean {
  return lease.status === 'queued' && lease.fence === 1 && !lease.has_mail && lease.parent_run_id === null;
}

import { enginePool } from './engine-pool';
import { type NewRun, type Submitted, submitRunOn } from './enqueue';
import { limitsOfStartOn, type StartedVersion } from './limits-of-start';

/** Saves a run of a version with limits and queues it as they say, in a transaction of its own. Throws Invalid when a key cannot be evaluated. */
export async function acceptLimitedRun(run: Omit<NewRun, 'organizationId' | 'id'> & { runId?: string }, version: StartedVersion): Promise<Submitted> {
  const { runId, ...rest } = run;
  const limits = await limitsOfStartOn(enginePool(), version, run.input);
  return submitRunOn(enginePool(), { ...rest, organizationId: version.organizationId, ...(runId ? { id: runId } : {}), limits });
}

import { createApprovals, startApprovalSweep } from '@/server/approvals';
import { createArtifacts } from '@/server/artifacts';
import { CircuitBreaker, guardServices } from '@/server/circuits';
import { credentialHeaders } from '@/server/credentials';
import { callWorkflow } from '@/server/engine/call-workflow';
import { Worker } from '@/server/engine/worker';
import { env } from '@/server/env';
import { createEventService, startEventDispatcher } from '@/server/events';
import { createEgress, heddleUrl } from '@/server/lib/egress';
import { logger } from '@/server/lib/logger';
import { createSearch } from '@/server/lib/search/search';
import { createModelService } from '@/server/models';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { startRetention } from '@/server/retention';
import { createSandbox } from '@/server/sandbox';
import { startScheduler } from '@/server/triggers';
import { Quarantine, workerRole } from './quarantine';
import { type Serving, serveProcess } from './serve-process';

/** The worker process: executes runs, fires schedules and dispatches events. As a quarantine process it executes runs whose worker died, and nothing else. */
async function startWorker(end: () => void): Promise<Serving> {
  const egress = createEgress({ allow: env().HEDDLE_EGRESS_ALLOW, ownOrigin: new URL(heddleUrl()).origin, credentialHeaders });
  const sandbox = createSandbox();
  const circuits = new CircuitBreaker();
  const services = guardServices(
    {
      http: egress,
      models: createModelService({ http: egress }),
      sandbox,
      search: createSearch(),
      runs: callWorkflow,
      approvals: createApprovals(),
      events: createEventService(),
      artifacts: createArtifacts(),
    },
    circuits,
  );
  const { kind, seat } = workerRole();
  const quarantine = new Quarantine(() => worker.sweepNow());
  const worker = new Worker({
    services,
    kind,
    ...(kind === 'worker' ? { openQuarantine: (of, place) => quarantine.open(of, place) } : { concurrency: 1_000, seat, onIdle: end }),
    onLost: (error) => {
      // others own its runs now: whatever this process still does is lost or done twice
      logger.fatal({ process: 'worker', kind, err: error }, 'the worker lost its place and ends');
      process.exit(1);
    },
  });
  await circuits.start();
  await worker.start();
  const scheduling = new AbortController();
  const { signal } = scheduling;
  const sweeps =
    kind === 'worker' ? [startScheduler({ signal }), startApprovalSweep({ signal }), startEventDispatcher({ signal }), startRetention({ signal })] : [];
  return {
    diesOfCrash: true,
    stop: async () => {
      scheduling.abort();
      await Promise.all([...sweeps, quarantine.close(), worker.stop()]);
      await Promise.all([sandbox.close(), egress.close(), circuits.close()]);
      await closeEnginePool();
    },
  };
}

void serveProcess('worker', startWorker);

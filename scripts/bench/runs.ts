import { acceptRun } from '@/server/engine/inline';
import { listenForRuns } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';
import { drain, type EngineClient, queueMany, untilNone, withEngine } from './engine-client';
import type { Product } from './product';
import { percentile, type Row } from './row';
import { tenNodeDag } from './workflows';

const RUNS = 20_000;
const IDLE_RUNS = 200;

/** Runs of a 10-node DAG through the real queue and log of a running Heddle: throughput, and the latency when nothing else happens. */
export function benchRuns(product: Product): Promise<Row[]> {
  return withEngine(product, tenNodeDag, async (client) => {
    await queueMany(client.run, 1_000);
    await untilNone(client.owner, 'SELECT count(*) FROM run_queue');
    const throughput: number[] = [];
    for (let round = 0; round < 3; round++) throughput.push(await drain(client, RUNS));
    await client.owner.query('VACUUM (ANALYZE) run, run_event, run_queue');
    const idle = await idleLatency(client);
    const note = `median of 3 × ${RUNS} runs, fsync on`;
    return [
      { name: 'runs of a 10-node DAG, one worker', value: percentile(throughput, 0.5), unit: 'runs/s', goal: 6_000, better: 'higher', note },
      { name: 'checkpoints, one worker', value: percentile(throughput, 0.5) * 10, unit: '1/s', goal: 60_000, better: 'higher' },
      { name: 'idle, enqueue to finish, p50', value: percentile(idle, 0.5), unit: 'ms', goal: 5, better: 'lower' },
      { name: 'idle, enqueue to finish, p95', value: percentile(idle, 0.95), unit: 'ms', better: 'lower' },
    ];
  });
}

/** ms from enqueueing a run to hearing of its end, one after the other. */
export async function idleLatency({ run }: EngineClient, count = IDLE_RUNS): Promise<number[]> {
  await listenForRuns();
  const idle: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await waitForRun(run.organizationId, await acceptRun(run), 10_000);
    idle.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return idle;
}

import autocannon from 'autocannon';
import type { Product } from './product';
import type { Row } from './row';
import { acceptedHookWorkflow, hookWorkflow, publish, tenNodeDag } from './workflows';

const BODY = JSON.stringify({ name: 'Ada', a: 1, b: 2, n: 3 });

async function load(url: string, connections: number, seconds: number) {
  const result = await autocannon({ url, method: 'POST', connections, duration: seconds, headers: { 'content-type': 'application/json' }, body: BODY });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests to ${new URL(url).pathname.slice(0, 12)}… failed`);
  return { rps: result.requests.average, p50: result.latency.p50, p95: result.latency.p97_5, p99: result.latency.p99 };
}

/** Synchronous hooks, everything saved before the answer. */
export async function benchHooks(product: Product): Promise<Row[]> {
  const hook = await publish(product, hookWorkflow);
  const accepted = await publish(product, acceptedHookWorkflow);
  const ten = await publish(product, { workflow: { ...tenNodeDag.workflow, name: 'bench-ten-hook' } });
  if (!hook.hook || !accepted.hook || !ten.hook) throw new Error('a webhook trigger has no address');
  await load(hook.hook, 50, 3);
  const busy = await load(hook.hook, 50, 8);
  const calm = await load(hook.hook, 10, 8);
  const tenNodes = await load(ten.hook, 50, 8);
  const fire = await load(accepted.hook, 50, 5);
  return [
    {
      name: 'POST /hooks → transform → respond, 50 connections',
      value: busy.rps,
      unit: 'requests/s',
      goal: 4_000,
      better: 'higher',
      note: 'run, input, events and result saved before the answer',
    },
    { name: 'the same, p97.5', value: busy.p95, unit: 'ms', better: 'lower' },
    { name: 'the same at 10 connections, p97.5', value: calm.p95, unit: 'ms', goal: 10, better: 'lower', note: 'goal is for p95' },
    { name: '10-node hook, 50 connections', value: tenNodes.rps, unit: 'requests/s', better: 'higher' },
    { name: 'hook answered 202, 50 connections', value: fire.rps, unit: 'requests/s', better: 'higher', note: 'a worker executes the runs meanwhile' },
  ];
}

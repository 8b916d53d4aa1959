// The ten-node DAG of scripts/bench/workflows.ts on DBOS: one workflow, a durable step a node. Prints {"runsPerSecond", "idleP50"}.
import { DBOS } from '@dbos-inc/dbos-sdk';

const [url, runs, width] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const node = (name, compute) => DBOS.runStep(async () => compute(), { name });
async function dag(n) {
  const a = await node('a', () => ({ n }));
  const [b, c, d, e] = await Promise.all(['b', 'c', 'd', 'e'].map((id, i) => node(id, () => ({ n: a.n + i, from: id }))));
  const [f, g, h, i] = await Promise.all([b, c, d, e].map((x, k) => node('fghi'[k], () => ({ n: x.n * 2, tag: 'fghi'[k] }))));
  return node('j', () => ({ sum: f.n + g.n + h.n + i.n }));
}
const workflow = DBOS.registerWorkflow(dag, { name: 'dag' });
DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, systemDatabasePoolSize: 20, logLevel: 'error' });
await DBOS.launch();

async function drain(count) {
  const began = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (left-- > 0) await (await DBOS.startWorkflow(workflow)(1)).getResult();
    }),
  );
  return count / ((performance.now() - began) / 1000);
}
await drain(Math.min(200, runs));
const runsPerSecond = await drain(runs);
const idle = [];
for (let i = 0; i < 50; i++) {
  const began = performance.now();
  await (await DBOS.startWorkflow(workflow)(1)).getResult();
  idle.push(performance.now() - began);
}
idle.sort((x, y) => x - y);
console.log(JSON.stringify({ runsPerSecond, idleP50: idle[25] }));
await DBOS.shutdown();
process.exit(0);

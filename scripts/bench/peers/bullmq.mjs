// The ten-node DAG of scripts/bench/workflows.ts on BullMQ. Its flows are trees, so the DAG is one job whose data is saved after each node (a checkpoint), on a
// Redis that syncs its log with every write. Prints {"runsPerSecond", "idleP50"}.
import { Queue, QueueEvents, Worker } from 'bullmq';

const [port, runs, width] = [Number(process.argv[2]), Number(process.argv[3]), Number(process.argv[4])];
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const queue = new Queue('dag', { connection, defaultJobOptions: { removeOnComplete: true } });
const events = new QueueEvents('dag', { connection });
const done = new Map();
events.on('completed', ({ jobId }) => {
  done.get(jobId)?.();
  done.delete(jobId);
});

async function process_(job) {
  const out = {};
  const node = async (id, compute) => {
    out[id] = compute();
    await job.updateData({ ...job.data, out });
    return out[id];
  };
  const a = await node('a', () => ({ n: job.data.n }));
  const [b, c, d, e] = await Promise.all(['b', 'c', 'd', 'e'].map((id, i) => node(id, () => ({ n: a.n + i, from: id }))));
  const [f, g, h, i] = await Promise.all([b, c, d, e].map((x, k) => node('fghi'[k], () => ({ n: x.n * 2, tag: 'fghi'[k] }))));
  return node('j', () => ({ sum: f.n + g.n + h.n + i.n }));
}
const worker = new Worker('dag', process_, { connection, concurrency: width });
await Promise.all([worker.waitUntilReady(), events.waitUntilReady()]);

let ids = 0;
const run = () => {
  const jobId = `run-${++ids}`;
  const end = new Promise((resolve) => done.set(jobId, resolve));
  return queue.add('dag', { n: 1 }, { jobId }).then(() => end);
};
async function drain(count) {
  const began = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (left-- > 0) await run();
    }),
  );
  return count / ((performance.now() - began) / 1000);
}
await drain(Math.min(200, runs));
const runsPerSecond = await drain(runs);
const idle = [];
for (let i = 0; i < 50; i++) {
  const began = performance.now();
  await run();
  idle.push(performance.now() - began);
}
idle.sort((x, y) => x - y);
console.log(JSON.stringify({ runsPerSecond, idleP50: idle[25] }));
process.exit(0);

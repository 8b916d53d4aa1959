// The outside world of the crash suite, a process of its own that nothing kills: it applies an effect once per Idempotency-Key and notes each arrival
// in memory and in a file. Node runs it as it is (types are stripped), so it imports nothing of the project.
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';

const [file, slowest] = [process.argv[2] ?? 'sink.ndjson', Number(process.argv[3] ?? 300)];
const log = createWriteStream(file, { flags: 'a' });
/** key → how often it arrived; its effect was applied the first time */
const arrivals = new Map<string, number>();

const server = createServer((req, res) => {
  const at = Date.now();
  const key = req.headers['idempotency-key'];
  let text = '';
  req.setEncoding('utf8');
  req.on('data', (chunk) => {
    text += chunk;
  });
  req.on('end', () => {
    const body = parsed(text);
    const seen = typeof key === 'string' ? (arrivals.get(key) ?? 0) + 1 : 0;
    if (typeof key === 'string') arrivals.set(key, seen);
    log.write(`${JSON.stringify({ at, key, run: body.run, path: body.path, from: req.headers['x-chaos-process'], seen })}\n`);
    // mostly quick, sometimes slow: many steps are in flight at any moment
    const delay = Math.random() ** 2 * slowest;
    setTimeout(() => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ applied: seen === 1, n: body.n ?? 0 }));
    }, delay);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});

process.on('message', (message) => {
  if (message === 'flush') log.write('', () => process.send?.({ flushed: true, keys: arrivals.size }));
});
process.on('disconnect', () => process.exit(0));

function parsed(text: string): { run?: string; path?: string; n?: number } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { watchPulse } from './watch-pulse';

it('ends a process that hangs, and leaves one alone that answers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-pulse-'));
  const file = join(folder, 'child.mjs');
  writeFileSync(
    file,
    `process.on('message', (m) => { if (m.type === 'ping') process.send({ type: 'pong' }); if (m.type === 'hang') for (;;); });
     process.on('SIGTERM', () => process.exit(0)); process.send({ type: 'ready' });`,
  );
  const [hanging, alive] = [fork(file), fork(file)];
  try {
    await Promise.all([once(hanging, 'message'), once(alive, 'message')]);
    const ended = once(hanging, 'exit');
    for (const child of [hanging, alive]) watchPulse(child, 50);
    hanging.send({ type: 'hang' });
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(alive.exitCode).toBeNull();
    expect(alive.signalCode).toBeNull();
  } finally {
    for (const child of [hanging, alive]) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

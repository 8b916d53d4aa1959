import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { processEnvironment } from '@/server/env';

/**
 * Builds the app when its sources changed since the last build; `onStale` is told before the long part begins.
 * In a process of its own: whoever asks runs for weeks and must not keep what reading and building took.
 */
export async function buildApp(root: string, signal: AbortSignal, onStale: () => void): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'scripts/build.mjs'), 'app', '--report'], {
    cwd: root,
    env: processEnvironment() as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // SIGTERM, which the build passes on to Next
  const abort = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', abort);
  const output: string[] = [];
  child.stdout.on('data', (chunk) => {
    if (String(chunk).includes('stale')) onStale();
  });
  child.stderr.on('data', (chunk) => output.push(String(chunk)));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit, killed) => resolve(killed ?? exit));
  });
  signal.removeEventListener('abort', abort);
  if (code !== 0) throw new Error(output.join('').trim() || `The app does not build (${code}).`);
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a Chromium needs in a container without a GPU, and what keeps it from calling home. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-first-run',
  '--metrics-recording-only',
];

/** The Chromium that scripts/pretest.mjs found or fetched; before its first run, Debian's. */
export function chromiumPath(): string {
  const noted = join(import.meta.dirname, '../../node_modules/.cache/heddle-chromium');
  return existsSync(noted) ? readFileSync(noted, 'utf8').trim() : '/usr/bin/chromium';
}

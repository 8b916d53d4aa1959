import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Heddle's own folder: the nearest one above this module (or, bundled by Next, above the working directory) that holds public/data. */
export function installRoot(): string {
  for (const start of [dirname(fileURLToPath(import.meta.url)), process.cwd()]) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (existsSync(join(folder, 'public', 'data', 'README.md'))) return folder;
      if (dirname(folder) === folder) break;
    }
  }
  throw new Error('public/data was not found above this program or the working directory.');
}

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let known: string | undefined;

/** The launcher knows where it lies; everybody else looks. */
export function setProjectRoot(root: string): void {
  known = root;
}

/** The folder of the clone, found upwards from this module: it is the same for sources and for dist/. */
export function projectRoot(): string {
  known ??= lookUpwards(dirname(fileURLToPath(import.meta.url)));
  return known;
}

function lookUpwards(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'bin/heddle')) && existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) throw new Error(`Heddle's own folder was not found above ${from}.`);
  }
}

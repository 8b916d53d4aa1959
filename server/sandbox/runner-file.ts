import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The bundled runner, dist/sandbox-runner.mjs; from source (tests, tsx) it is bundled on the spot into node_modules/.cache. */
export async function runnerFile(): Promise<{ file: string; root: string }> {
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith('.ts')) return bundleFromSource(dirname(here));
  for (const start of [dirname(here), join(process.cwd(), 'dist')]) {
    for (let folder = start; dirname(folder) !== folder; folder = dirname(folder)) {
      const file = join(folder, 'sandbox-runner.mjs');
      if (existsSync(file)) return { file, root: dirname(folder) };
    }
  }
  throw new Error('dist/sandbox-runner.mjs is missing: build the server processes first (node scripts/build.mjs server).');
}

async function bundleFromSource(folder: string): Promise<{ file: string; root: string }> {
  const root = dirname(dirname(folder));
  const outdir = join(root, 'node_modules', '.cache', `heddle-sandbox-${process.pid}`);
  const { build } = await import('esbuild');
  await build({
    entryPoints: { 'sandbox-runner': join(folder, 'runner.ts'), 'sandbox-thread': join(folder, 'thread.ts') },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    alias: { '@': root },
    logLevel: 'silent',
  });
  return { file: join(outdir, 'sandbox-runner.mjs'), root };
}

// Builds what is stale: the server processes (esbuild, dist/*.mjs) and the app (next build, .next). `node scripts/build.mjs [server|app] [--force]`
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone, ensureInstalled, nodeBinary, quietEnvironment, root, say } from './install.mjs';

/** Every server process: the name is the file in dist/, `dist/<name>.mjs`. */
export const entries = {
  cli: 'server/cli/main.ts',
  web: 'server/processes/web.ts',
  worker: 'server/processes/worker.ts',
  'sandbox-runner': 'server/sandbox/runner.ts',
  'sandbox-thread': 'server/sandbox/thread.ts',
};

const shared = ['core', 'nodes', 'server', 'prisma/schema', 'package-lock.json', 'tsconfig.json'];
const sources = {
  server: [...shared, 'scripts/build.mjs'],
  app: [...shared, 'app', 'components', 'middleware.ts', 'next.config.ts', 'scripts/build.mjs', 'scripts/compress-static.mjs'],
};
const stamps = { server: join(root, 'dist/.stamp'), app: join(root, '.next/heddle-stamp') };
const skipped = /\.test\.tsx?$|(^|\/)(generated|node_modules|\.[^/]+)(\/|$)/;

/** A hash over the content of everything the build reads, so that neither a checkout nor a copy makes it stale by dates alone. */
function sourceHash(part) {
  const hash = createHash('sha256');
  for (const file of sources[part].flatMap((path) => filesUnder(join(root, path))).sort()) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .map((entry) => join(path, entry.name))
    .filter((child) => !skipped.test(relative(root, child)))
    .flatMap((child) => filesUnder(child));
}

/** True when `part` ('server' or 'app') was built from the sources as they are now. */
export function isFresh(part) {
  return existsSync(stamps[part]) && readFileSync(stamps[part], 'utf8') === sourceHash(part);
}

/** Builds `part` if it is stale. Resolves to whether it built. */
export async function ensureBuilt(part, { force = false, onOutput, signal } = {}) {
  if (!force && isFresh(part)) return false;
  return alone(`build-${part}`, async () => {
    if (!force && isFresh(part)) return false;
    const hash = sourceHash(part);
    rmSync(stamps[part], { force: true });
    if (part === 'server') await bundleApart();
    else await buildApp(onOutput, signal);
    writeFileSync(stamps[part], hash);
    return true;
  });
}

/** What esbuild is given; `scripts/build.mjs --watch` and the normal build share it. */
export function bundleOptions(outdir) {
  const present = Object.entries(entries).filter(([, file]) => existsSync(join(root, file)));
  return {
    absWorkingDir: root,
    entryPoints: Object.fromEntries(present),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    packages: 'external',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    alias: { '@': root },
    sourcemap: 'linked',
    sourcesContent: false,
    loader: { '.sql': 'text' },
    logLevel: 'silent',
    metafile: true,
  };
}

/** In a process of its own, so that a supervisor does not keep esbuild's memory for as long as it runs. */
async function bundleApart() {
  const child = spawn(nodeBinary(), [fileURLToPath(import.meta.url), '--bundle'], { cwd: root, env: quietEnvironment(), stdio: ['ignore', 'inherit', 'pipe'] });
  const output = [];
  child.stderr.on('data', (chunk) => output.push(String(chunk)));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`The server processes do not build.\n${output.join('')}`);
}

/** Chunks of earlier builds stay for a while: a process that still runs may load one of its own late. */
const keepChunksMs = 24 * 3600_000;

async function bundleServer() {
  const { build, formatMessages } = await import('esbuild');
  const building = join(root, `dist/.building-${process.pid}`);
  try {
    const result = await build(bundleOptions(building)).catch(async (error) => {
      throw new Error((await formatMessages(error.errors ?? [{ text: error.message }], { kind: 'error' })).join('\n'));
    });
    const written = new Set();
    for (const file of Object.keys(result.metafile.outputs)) {
      const target = join(root, 'dist', relative(building, join(root, file)));
      written.add(target);
      mkdirSync(join(target, '..'), { recursive: true });
    }
    // chunks first, entries last: whoever starts meanwhile finds a whole build
    for (const target of [...written].sort((a, b) => Number(b.includes('/chunks/')) - Number(a.includes('/chunks/')))) {
      renameSync(join(building, relative(join(root, 'dist'), target)), target);
    }
    for (const old of filesUnder(join(root, 'dist/chunks'))) {
      if (!written.has(old) && Date.now() - statSync(old).mtimeMs > keepChunksMs) rmSync(old, { force: true });
    }
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

async function buildApp(onOutput, signal) {
  const env = quietEnvironment({ NODE_ENV: 'production' });
  // pages are rendered per request; the build must not reach for a database or a secret
  for (const name of ['DATABASE_URL', 'HEDDLE_APP_DATABASE_URL', 'HEDDLE_ENGINE_DATABASE_URL', 'PORT']) delete env[name];
  const output = [];
  const code = await new Promise((resolve, reject) => {
    const child = spawn(nodeBinary(), [join(root, 'node_modules/next/dist/bin/next'), 'build'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], signal });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output.push(String(chunk));
        onOutput?.(String(chunk));
      });
    }
    child.once('error', reject);
    child.once('close', (exit, killed) => resolve(killed ?? exit));
  });
  if (code !== 0) throw new Error(`The app does not build (next build ended with ${code}).\n${output.join('')}`);
  const { compressStatic } = await import('./compress-static.mjs');
  await compressStatic();
}

/** Development: rebuilds the server processes when their sources change, until `signal` aborts. The first build is not reported. */
export async function watchServer(onBuilt, signal) {
  const { context, formatMessages } = await import('esbuild');
  let first = true;
  const report = {
    name: 'report',
    setup(build) {
      build.onEnd(async (result) => {
        const problem = result.errors.length > 0 ? (await formatMessages(result.errors, { kind: 'error' })).join('\n') : undefined;
        if (!first || problem) onBuilt(problem);
        first = false;
      });
    },
  };
  const watcher = await context({ ...bundleOptions(join(root, 'dist')), plugins: [report] });
  await watcher.watch();
  // the stamp would claim more than is true while sources change
  rmSync(stamps.server, { force: true });
  signal.addEventListener('abort', () => void watcher.dispose());
}

async function main() {
  if (process.argv.includes('--bundle')) return bundleServer();
  await ensureInstalled();
  const force = process.argv.includes('--force');
  const report = process.argv.includes('--report');
  const parts = process.argv.slice(2).filter((a) => a in stamps);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => stop.abort());
  for (const part of parts.length > 0 ? parts : ['server', 'app']) {
    if (report && (force || !isFresh(part))) process.stdout.write('stale\n');
    const started = Date.now();
    const onOutput = part === 'app' && !report ? (text) => process.stderr.write(text) : undefined;
    const built = await ensureBuilt(part, { force, onOutput, signal: stop.signal });
    if (!report) say(built ? `Built the ${part} in ${((Date.now() - started) / 1000).toFixed(1)} s.` : `The ${part} is built already.`);
  }
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  main().catch((error) => {
    process.stderr.write(`heddle  ${error.message}\n`);
    process.exit(1);
  });
}

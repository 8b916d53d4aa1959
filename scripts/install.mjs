// Plain Node 20, no dependencies: makes a fresh clone runnable. `npm start` and `npm test` run it first, bin/heddle too.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePortFree, givenAddress } from './check-port.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const installStamp = join(modules, '.heddle-install');
const generatedStamp = join(root, 'server/db/generated/.heddle-stamp');

/** Tools that would call home, or fetch binaries from elsewhere than the npm registry, are told not to. */
export function quietEnvironment(extra = {}) {
  return {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: join(root, 'scripts/prisma-schema-engine.mjs'),
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
    ...extra,
  };
}

/** The Node that Heddle runs on: 24 from npm, or the current one where that is new enough. */
export function nodeBinary() {
  const local = join(modules, process.platform === 'win32' ? 'node/bin/node.exe' : '.bin/node');
  return existsSync(local) ? local : process.execPath;
}

/** Installs what is missing and generates the database client when its schema changed. Quick when there is nothing to do. */
export async function ensureInstalled() {
  if (!installed()) {
    await alone('install', async () => {
      if (!installed()) await install();
    });
  }
  ensureNode();
  if (!generated()) {
    await alone('generate', async () => {
      if (!generated()) await generate();
    });
  }
}

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function wantedInstall() {
  return `${sha256(readFileSync(join(root, 'package-lock.json')))} ${process.platform}-${process.arch}`;
}

function installed() {
  if (!existsSync(join(modules, '.package-lock.json'))) return false;
  if (existsSync(installStamp) && readFileSync(installStamp, 'utf8') === wantedInstall()) return true;
  if (!matchesLock()) return false;
  writeFileSync(installStamp, wantedInstall());
  return true;
}

/** True when someone ran `npm ci` or `npm install` by hand: everything in the lock is there in its version. */
function matchesLock() {
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages ?? {};
  const present = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages ?? {};
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.link) continue;
    const found = present[path];
    if (found ? found.version !== entry.version : !entry.optional && !entry.peer) return false;
    if (!entry.optional && !existsSync(join(root, path, 'package.json'))) return false;
  }
  return true;
}

async function install() {
  const started = Date.now();
  say(existsSync(modules) ? 'Updating packages (package-lock.json changed) …' : 'Installing packages (once, needs the npm registry) …');
  const env = quietEnvironment({ NODE_ENV: 'development' });
  delete env.npm_config_omit;
  const options = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', ...(process.stderr.isTTY ? [] : ['--loglevel=error'])];
  const { code, output } = await npm(['ci', ...options], env);
  if (code !== 0 && /EUSAGE/.test(output)) {
    // the lock lacks packages of another platform (docs/decisions/0101): install by it as far as it goes
    say('package-lock.json is not complete here; installing without `npm ci` …');
    const second = await npm(['install', '--no-save', ...options], env);
    if (second.code !== 0) throw new Error(`npm install failed.\n${second.output}`);
  } else if (code !== 0) {
    throw new Error(`npm ci failed. Is the npm registry reachable? (npm ping)\n${output}`);
  }
  writeFileSync(installStamp, wantedInstall());
  say(`Packages installed in ${seconds(started)}.`);
}

/** `npm ci --ignore-scripts` leaves the node package without its binary: let it fetch that now. */
function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= 22 || existsSync(join(modules, '.bin/node'))) return;
  say('Fetching Node 24 from npm …');
  const result = spawnSync(process.execPath, ['installArchSpecificPackage.js'], { cwd: join(modules, 'node'), stdio: 'inherit', env: quietEnvironment() });
  if (result.status !== 0)
    throw new Error(`Heddle runs on Node 24, which npm could not install here; this is Node ${process.versions.node}. Install Node 22 or newer and try again.`);
}

function wantedClient() {
  const folder = join(root, 'prisma/schema');
  const schema = readdirSync(folder)
    .sort()
    .map((name) => `${name}\n${readFileSync(join(folder, name), 'utf8')}`);
  return sha256(...schema, JSON.parse(readFileSync(join(modules, 'prisma/package.json'), 'utf8')).version);
}

function generated() {
  return existsSync(generatedStamp) && readFileSync(generatedStamp, 'utf8') === wantedClient();
}

async function generate() {
  const started = Date.now();
  say('Generating the database client …');
  const wanted = wantedClient();
  const result = spawnSync(nodeBinary(), [join(modules, 'prisma/build/index.js'), 'generate'], { cwd: root, env: quietEnvironment(), encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`The database client could not be generated.\n${result.stdout ?? ''}${result.stderr ?? ''}`);
  writeFileSync(generatedStamp, wanted);
  say(`Database client generated in ${seconds(started)}.`);
}

/** One process at a time: `npm start` and `npm test` may be started side by side on a fresh clone. */
export async function alone(task, work) {
  const lock = join(tmpdir(), `heddle-${task}-${sha256(root).slice(0, 16)}`);
  let told = false;
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!holderAlive(lock)) {
        rmSync(lock, { recursive: true, force: true });
        continue;
      }
      if (!told) say(`Waiting for another process that does the same (${task}) …`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

const firstSeenWithoutPid = new Map();
function holderAlive(lock) {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    if (!pid) throw new Error('being written');
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (error.code === 'EPERM') return true;
    if (error.code === 'ESRCH') return false;
    // made this instant, its pid not written yet
    const since = firstSeenWithoutPid.get(lock) ?? Date.now();
    firstSeenWithoutPid.set(lock, since);
    return Date.now() - since < 2000;
  }
}

/** Runs npm; its output is kept for the case of a failure, a terminal sees that time passes. */
function npm(args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'], shell: process.platform === 'win32' });
    const output = [];
    child.stderr.on('data', (chunk) => {
      output.push(String(chunk));
    });
    const started = Date.now();
    const clock = process.stderr.isTTY ? setInterval(() => process.stderr.write(`\r\x1b[2Kheddle  npm works … ${seconds(started)}`), 200) : undefined;
    child.once('error', (error) => reject(new Error(`npm does not run: ${error.message}`)));
    child.once('close', (code, signal) => {
      clearInterval(clock);
      if (clock) process.stderr.write('\r\x1b[2K');
      return signal ? reject(new Error(`npm was stopped by ${signal}.`)) : resolve({ code, output: output.join('') });
    });
  });
}

export function say(text) {
  process.stderr.write(`heddle  ${text}\n`);
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

async function main() {
  if (Number(process.versions.node.split('.')[0]) < 20) throw new Error(`Heddle needs Node 20 or newer; this is ${process.versions.node}.`);
  if (process.env.npm_lifecycle_event === 'prestart') {
    const { port, host } = givenAddress();
    await ensurePortFree(port, host);
  }
  await ensureInstalled();
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  main().catch((error) => {
    process.stderr.write(`heddle  ${error.message}\n`);
    process.exit(1);
  });
}

#!/usr/bin/env node
// The test runner: `node scripts/test.mjs [stage or check…]`, all stages by default. A check counts as one test; the closing line counts everything.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeBinary, quietEnvironment, root } from './install.mjs';

const reports = mkdtempSync(join(tmpdir(), 'heddle-reports-'));
const bin = (path) => join(root, 'node_modules', path);
const vitest = bin('vitest/vitest.mjs');

const layered = ['app', 'components', 'core', 'nodes', 'server', 'e2e', 'scripts', 'middleware.ts'].filter((path) => existsSync(join(root, path)));

/** What `npm run lint` and the like run; each is one test. */
const checks = {
  lint: [bin('@biomejs/biome/bin/biome'), 'check', '.', '--max-diagnostics=40', '--error-on-warnings'],
  layers: [bin('dependency-cruiser/bin/dependency-cruiser.mjs'), '--output-type', 'err-long', ...layered],
  files: ['scripts/check-files.mjs'],
  unused: [bin('knip/bin/knip.js'), '--no-progress', '--treat-config-hints-as-errors'],
  lock: ['scripts/complete-lock.mjs', '--check'],
  types: ['scripts/check-types.mjs'],
};

const stages = {
  checks: runChecks,
  unit: () => runVitest('unit'),
  db: () => runVitest('db'),
  build: () => counted('build', ['scripts/build.mjs'], { show: true }),
  process: () => runVitest('process'),
  chaos: () => counted('chaos', ['--import', 'tsx', 'scripts/chaos/main.ts', '--short'], { show: true }),
  e2e: runPlaywright,
};

/** Runs a Node script; resolves to its exit code and what it printed. */
function run(args, { show = false, env = {} } = {}) {
  return new Promise((resolve) => {
    const environment = quietEnvironment({ FORCE_COLOR: process.stdout.isTTY ? '1' : '0', ...env });
    if (!process.stdout.isTTY) environment.NO_COLOR = '1';
    if (environment.NO_COLOR) delete environment.FORCE_COLOR;
    const child = spawn(nodeBinary(), args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        if (show) process.stdout.write(chunk);
      });
    }
    child.once('error', (error) => resolve({ code: 1, output: String(error) }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const say = (text) => process.stdout.write(`${text}\n`);

/** One command as one test. */
async function counted(name, args, options = {}) {
  const started = Date.now();
  const { code, output } = await run(args, options);
  say(`  ${code === 0 ? '✓' : '✗'} ${name} (${seconds(started)})`);
  if (code !== 0 && !options.show) say(output.replace(/^/gm, '      '));
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function runChecks() {
  const { types, ...quick } = checks;
  const all = await Promise.all([
    counted('types', types),
    (async () => [
      await counted('lint', quick.lint),
      await counted('layers', quick.layers),
      await counted('files', quick.files),
      await counted('unused', quick.unused),
      await counted('lock', quick.lock),
    ])(),
  ]);
  return sum(all.flat());
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function runVitest(project) {
  const file = join(reports, `${project}.json`);
  const { code } = await run(
    [vitest, 'run', '--project', project, '--silent=passed-only', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    { show: true },
  );
  const report = readReport(file);
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  // a file that does not load has no test of its own to fail
  const broken = report.testResults.filter((f) => f.status === 'failed' && !f.assertionResults.some((a) => a.status === 'failed')).length;
  const result = { passed: report.numPassedTests, failed: report.numFailedTests + broken, skipped: report.numPendingTests + report.numTodoTests };
  return { ...result, failed: Math.max(result.failed, code === 0 ? 0 : 1) };
}

async function runPlaywright() {
  const file = join(reports, 'e2e.json');
  const { code } = await run([bin('@playwright/test/cli.js'), 'test', '--reporter=list,json'], { show: true, env: { PLAYWRIGHT_JSON_OUTPUT_NAME: file } });
  const report = readReport(file);
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: Math.max(unexpected + flaky + report.errors.length, code === 0 ? 0 : 1), skipped };
}

function sum(results) {
  return results.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }), {
    passed: 0,
    failed: 0,
    skipped: 0,
  });
}

async function main() {
  const known = { ...stages, ...Object.fromEntries(Object.entries(checks).map(([name, args]) => [name, () => counted(name, args, { show: true })])) };
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !(name in known));
  if (unknown.length > 0) throw new Error(`Unknown stage ${unknown.join(', ')}: there are ${Object.keys(known).join(', ')}.`);
  const started = Date.now();
  const results = [];
  for (const name of Object.keys(known)) {
    if (asked.length > 0 ? !asked.includes(name) : !(name in stages)) continue;
    const stageStarted = Date.now();
    say(`\n── ${name} ──`);
    const result = await known[name]();
    if (result.passed + result.failed === 0) {
      say(`  ✗ ${name}: no test ran`);
      result.failed = 1;
    }
    results.push({ name, took: seconds(stageStarted), ...result });
  }
  say('');
  for (const { name, took, passed, failed, skipped } of results)
    say(`  ${failed === 0 ? '✓' : '✗'} ${name.padEnd(8)} ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''} (${took})`);
  const total = sum(results);
  say(`  ${seconds(started)} in all\n`);
  say(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

process.exitCode = await main()
  .catch((error) => {
    process.stderr.write(`${error.message}\n`);
    return 1;
  })
  .finally(() => rmSync(reports, { recursive: true, force: true }));

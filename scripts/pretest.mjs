#!/usr/bin/env node
// Runs before `npm test`, on plain Node 20 without any package: installs what is missing and finds or gets a Chromium.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureInstalled, nodeBinary, root, say } from './install.mjs';

const remembered = join(root, 'node_modules/.cache/heddle-chromium');
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'chrome'];

/** True when the binary starts: a download without its system libraries does not. */
function works(path) {
  return Boolean(path) && existsSync(path) && spawnSync(path, ['--version'], { timeout: 30_000, stdio: 'ignore' }).status === 0;
}

function installedChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/usr/local/bin', '/snap/bin');
  return [
    process.env.HEDDLE_CHROMIUM,
    existsSync(remembered) ? readFileSync(remembered, 'utf8').trim() : undefined,
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    join(homedir(), 'Applications/Google Chrome.app/Contents/MacOS/Google Chrome'),
    playwrightsOwn(),
  ].find(works);
}

/** Where Playwright keeps the browser it downloads, whether or not it is there. */
function playwrightsOwn() {
  const script = "import('@playwright/test').then((p) => process.stdout.write(p.chromium.executablePath()))";
  return spawnSync(nodeBinary(), ['-e', script], { cwd: root, encoding: 'utf8' }).stdout?.trim() || undefined;
}

function download() {
  say('No Chromium here: asking Playwright for its own …');
  const cli = join(root, 'node_modules/@playwright/test/cli.js');
  const env = { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '15000' };
  delete env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD;
  const result = spawnSync(nodeBinary(), [cli, 'install', 'chromium'], { cwd: root, env, encoding: 'utf8', timeout: 300_000 });
  if (result.status !== 0) say('Playwright could not download it.');
  return [playwrightsOwn()].find(works);
}

function fromDebian() {
  if (process.platform !== 'linux' || userInfo().uid !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  say("Installing Debian's chromium …");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 });
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation');
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(works);
}

async function main() {
  if (Number(process.versions.node.split('.')[0]) < 20) throw new Error(`Heddle needs Node 20 or newer; this is ${process.versions.node}.`);
  await ensureInstalled();
  const chromium = installedChromium() ?? download() ?? fromDebian();
  if (!chromium) {
    throw new Error(
      'The end-to-end tests need a Chromium, and none was found or could be fetched.\n' +
        '  Debian, Ubuntu: sudo apt-get install chromium · macOS: brew install --cask chromium · or set HEDDLE_CHROMIUM to the path of a Chromium or Chrome.\n' +
        '  Everything else runs without one: npm run verify',
    );
  }
  mkdirSync(join(remembered, '..'), { recursive: true });
  writeFileSync(remembered, chromium);
  say(`Chromium: ${chromium}`);
}

main().catch((error) => {
  process.stderr.write(`heddle  ${error.message}\n`);
  process.exit(1);
});

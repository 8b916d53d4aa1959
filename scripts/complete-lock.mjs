// Completes package-lock.json with the packages of other platforms (esbuild for a Mac, and so on) that npm leaves out when the registry it
// was written against does not carry them: `npm ci` would call the lock out of sync, and other systems would miss their binary. Run it after
// `npm install`; with --check it only says whether something is missing (exit 1). See docs/decisions/0101-lock-of-all-platforms.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './install.mjs';

const systems = {
  darwin: 'darwin',
  win32: 'win32',
  windows: 'win32',
  linux: 'linux',
  linuxmusl: 'linux',
  android: 'android',
  freebsd: 'freebsd',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
};
const processors = ['arm64', 'x64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el', 'wasm32'];

/** The lock entry of a platform package, from what its name says. Without an integrity: npm takes the registry's where it installs it. */
export function platformEntry(name, version, dev) {
  const words = name.split(/[^a-z0-9]+/i);
  const os = words.map((word) => systems[word]).find(Boolean);
  const cpu = words.find((word) => processors.includes(word));
  if (!os && cpu !== 'wasm32') return undefined;
  const musl = words.some((word) => word.includes('musl'));
  const gnu = words.some((word) => word.startsWith('gnu'));
  return {
    version,
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(dev ? { dev: true } : {}),
    ...(os === 'linux' && (musl || gnu) ? { libc: [musl ? 'musl' : 'glibc'] } : {}),
    optional: true,
    ...(os ? { os: [os] } : {}),
  };
}

/** Adds what is missing to the parsed lock; returns the names added. */
export function completeLock(lock) {
  const added = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (reachable(lock.packages, path, name) || !/^\d/.test(version)) continue;
      const made = platformEntry(name, version, entry.dev);
      if (!made) continue;
      lock.packages[`node_modules/${name}`] = made;
      added.push(`${name}@${version}`);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  return added;
}

/** Node's own way to look for a package, from `path` upwards. */
function reachable(packages, path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
    if (!folder) return false;
    if (!folder.includes('/node_modules/')) return packages[`node_modules/${name}`] !== undefined;
  }
}

if (process.argv[1]?.endsWith('complete-lock.mjs')) {
  const file = process.argv[2] && !process.argv[2].startsWith('-') ? process.argv[2] : join(root, 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const added = completeLock(lock);
  if (process.argv.includes('--check')) {
    if (added.length > 0) process.stderr.write(`package-lock.json lacks packages of other platforms (${added.join(', ')}): node scripts/complete-lock.mjs\n`);
    process.exit(added.length > 0 ? 1 : 0);
  }
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(added.length > 0 ? `Added ${added.join(', ')}\n` : 'Nothing was missing.\n');
}

#!/usr/bin/env node
// What neither Biome nor the layer check sees: names and sizes of files, barrels, and verbs that forget to authorize.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folders = ['app', 'bin', 'components', 'core', 'e2e', 'nodes', 'prisma/schema', 'scripts', 'server'];
const skipped = new Set(['node_modules', 'generated', '.next', 'dist', 'test-results']);
const longest = 400;
const vague = /^(utils?|helpers?|types?|misc|common|constants)(\.test)?\.(tsx?|mjs)$/;
const kebab =
  /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.(test|(db|process|property|security)\.test|spec|module|config|worker|d))?\.(tsx?|mjs|cjs|css|prisma|sh|sql|json|md)$/;
/** server folders that are machinery or entry points: their functions are not verbs */
const notDomains = new Set(['api', 'auth', 'cli', 'collab', 'db', 'engine', 'http', 'lib', 'models', 'processes', 'queue', 'sandbox']);

/** Every source file below `folder`, as paths with forward slashes. */
function* walk(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    if (skipped.has(entry.name)) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

/** The faults of one file, each as a sentence. */
export function faultsOf(path, source) {
  const faults = [];
  const name = basename(path);
  const code = /\.(tsx?|mjs|cjs|css|prisma)$/.test(name);
  if (vague.test(name)) faults.push(`the name ${name} says nothing: name the file after what it exports`);
  if (code && !kebab.test(name)) faults.push('file names are kebab-case, named after what they export');
  const lines = source.split('\n').length - (source.endsWith('\n') ? 1 : 0);
  if (code && lines > longest) faults.push(`${lines} lines, at most ${longest}: split it by concern`);
  if (name === 'index.ts' && !path.startsWith('server/')) faults.push('only folders of server/ have a face, an index.ts');
  if (/\.tsx?$/.test(name) && /\/\/\s*(TODO|FIXME|XXX|HACK)\b|\bcoming soon\b/i.test(source))
    faults.push('left unfinished (TODO, FIXME or "coming soon"): finish it or write an issue');
  const [root, domain] = path.split('/');
  if (root === 'server' && domain && path.split('/').length === 3 && !notDomains.has(domain) && !/\.test\.ts$/.test(name)) faults.push(...unauthorized(source));
  return faults;
}

/** An exported function whose first parameter is `ctx: Context` is a verb: it authorizes, or hands `ctx` to a verb that does, before anything else. */
function unauthorized(source) {
  const verbs = /export (?:async )?function (\w+)\s*(?:<[^(]*>)?\(\s*ctx: Context\b[\s\S]*?(?=\nexport |\n\/\*\*|$(?![\s\S]))/g;
  return [...source.matchAll(verbs)]
    .filter(([text]) => !/\bauthorize\w*\(\s*ctx\b/.test(text) && !/@authorized-by\b/.test(source))
    .map(([, name]) => `${name}(ctx, …) never calls authorize(ctx, …): a verb declares its permission (security R13)`);
}

/** Checks the working tree below `root`. Returns lines `path: fault`. */
export function checkFiles(root = '.') {
  const found = [];
  let count = 0;
  for (const folder of folders) {
    for (const path of walk(join(root, folder).replaceAll('\\', '/'))) {
      count++;
      const relative = root === '.' ? path : path.slice(root.length + 1);
      if (!/\.(tsx?|mjs|cjs|css|prisma)$/.test(relative)) continue;
      found.push(...faultsOf(relative, readFileSync(path, 'utf8')).map((fault) => `${relative}: ${fault}`));
    }
  }
  return { count, found };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.chdir(join(dirname(new URL(import.meta.url).pathname), '..'));
  const { count, found } = checkFiles();
  for (const line of found) console.error(`  ${line}`);
  console.log(found.length === 0 ? `${count} files: names, sizes and verbs are in order` : `${found.length} faults in ${count} files`);
  process.exit(found.length === 0 ? 0 : 1);
}

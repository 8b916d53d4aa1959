import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** One file per rule that breaks it, beside files that are in order. */
const offenders: Record<string, [path: string, source: string]> = {
  'no-cycles': ['core/a.ts', `import { b } from './b';\nexport const a = (): unknown => b;`],
  'core-is-pure': ['core/pure.ts', `import type { Row } from '@/server/workflows/internal';\nexport type X = Row;`],
  'core-no-node': ['core/clock.ts', `import { hrtime } from 'node:process';\nexport const now = hrtime;`],
  'core-few-packages': ['core/react.ts', `import { useState } from 'react';\nexport const x = useState;`],
  'components-no-server': ['components/page.ts', `import { row } from '@/server/workflows/internal';\nexport const x = row;`],
  'components-definitions-only': ['components/palette.ts', `import { run } from '@/nodes/http/executor';\nexport const x = run;`],
  'app-through-the-caller': ['app/page.ts', `import { row } from '@/server/workflows/internal';\nexport const x = row;`],
  'definitions-are-light': ['nodes/log/definition.ts', `import { run } from './executor';\nexport const x = run;`],
  'nodes-stand-alone': ['nodes/log/executor.ts', `import { run as other } from '@/nodes/http/executor';\nexport const run = other;`],
  'entries-not-the-database': ['server/api/router.ts', `import { withTenant } from '@/server/db/transaction';\nexport const x = withTenant;`],
  'domains-not-entries': ['server/workflows/notify.ts', `import { x } from '@/server/api/router';\nexport const y = x;`],
  'face-of-workflows': ['server/runs/start-run.ts', `import { row } from '@/server/workflows/internal';\nexport const x = row;`],
  'lib-has-no-domain': ['server/lib/slug.ts', `import { withTenant } from '@/server/db/transaction';\nexport const x = withTenant;`],
  'egress-owns-the-network': ['server/runs/call.ts', `import { request } from 'undici';\nexport const x = request;`],
  'product-without-dev-packages': ['server/runs/dev.ts', `import { build } from 'esbuild';\nexport const x = build;`],
  resolvable: ['server/runs/lost.ts', `import { x } from './nowhere';\nexport const y = x;`],
};
const innocent: Record<string, string> = {
  'core/b.ts': `import { a } from './a';\nexport const b = (): unknown => a;`,
  'nodes/http/definition.ts': `export const definition = 1;`,
  'nodes/http/executor.ts': `export const run = 1;`,
  'nodes/definitions.ts': `export { definition } from './http/definition';`,
  'server/db/transaction.ts': `export const withTenant = 1;`,
  'server/workflows/index.ts': `export { row } from './internal';`,
  'server/workflows/internal.ts': `export type Row = number;\nexport const row: Row = 1;`,
  'server/runs/list-runs.ts': `import { row } from '@/server/workflows';\nexport const x = row;`,
  'components/typed.ts': `import type { Row } from '@/server/workflows/internal';\nimport { definition } from '@/nodes/definitions';\nexport const x: Row = definition;`,
};

const root = fileURLToPath(new URL('..', import.meta.url));
let tree: string;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'heddle-layers-'));
  const files = { ...innocent, ...Object.fromEntries(Object.values(offenders)) };
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    writeFileSync(join(tree, path), source);
  }
  for (const file of ['.dependency-cruiser.mjs', 'package.json', 'tsconfig.json']) cpSync(join(root, file), join(tree, file));
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

it('catches a breach of every layer rule, and nothing else', () => {
  const args = [
    join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
    '--output-type',
    'json',
    'app',
    'components',
    'core',
    'nodes',
    'server',
  ];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8', maxBuffer: 50_000_000 });
  expect(stderr).toBe('');
  const { violations } = JSON.parse(stdout).summary as { violations: { from: string; rule: { name: string } }[] };
  for (const [rule, [file]] of Object.entries(offenders)) {
    const caught = violations.filter((v) => v.rule.name === rule).map((v) => v.from);
    expect(caught, rule).toContain(file);
  }
  const suspected = violations.map((v) => v.from).filter((file) => file in innocent && file !== 'core/b.ts');
  expect(suspected).toEqual([]);
});

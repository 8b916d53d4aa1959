#!/usr/bin/env node
// Type-checks everything. On a fresh clone Next first writes its own types (next-env.d.ts, routes).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary, quietEnvironment, root } from './install.mjs';

const run = (...args) => spawnSync(nodeBinary(), args, { cwd: root, env: quietEnvironment(), stdio: 'inherit' }).status ?? 1;
const next = join(root, 'node_modules/next/dist/bin/next');
const code = existsSync(join(root, 'next-env.d.ts')) ? 0 : run(next, 'typegen');
process.exit(code || run(join(root, 'node_modules/typescript/bin/tsc'), '--noEmit'));

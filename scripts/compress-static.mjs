// Brotli beside every text file of .next/static, made once at build: server/processes/web.ts serves it as it is.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { root } from './install.mjs';

const compress = promisify(brotliCompress);
const compressible = /\.(js|mjs|css|svg|json|txt|wasm|map)$/;

/** Writes FILE.br for every file that shrinks by it. */
export async function compressStatic(folder = join(root, '.next/static')) {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && compressible.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !existsSync(`${file}.br`));
  // zlib works in libuv's four threads
  await Promise.all(Array.from({ length: 4 }, () => worker(files)));
}

async function worker(files) {
  for (let file = files.pop(); file; file = files.pop()) {
    const plain = readFileSync(file);
    if (plain.length < 512) continue;
    const small = await compress(plain, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
      },
    });
    if (small.length < plain.length * 0.95) writeFileSync(`${file}.br`, small);
  }
}

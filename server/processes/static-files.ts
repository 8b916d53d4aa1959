import { createReadStream, readdirSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';

interface StaticFile {
  path: string;
  size: number;
  type: string;
  /** the same, compressed at build (scripts/compress-static.mjs) */
  brotli?: { path: string; size: number };
}

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Serves /_next/static as brotli made at build, for ever cacheable since every name carries a hash of its content.
 * The list of files is read once; a request can name nothing else, so no path is ever built from one.
 */
export function createStaticFiles(folder: string): (req: IncomingMessage, res: ServerResponse) => boolean {
  const files = listFiles(folder);
  return (req, res) => {
    if (!req.url?.startsWith('/_next/static/') || (req.method !== 'GET' && req.method !== 'HEAD')) return false;
    const end = req.url.indexOf('?');
    const file = files.get(decoded(end < 0 ? req.url : req.url.slice(0, end)));
    // unknown names are Next's business (its own 404)
    if (!file || req.headers.range) return false;
    const brotli = file.brotli && acceptsBrotli(req.headers['accept-encoding']) ? file.brotli : undefined;
    res.writeHead(200, {
      'content-type': file.type,
      'content-length': brotli?.size ?? file.size,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
      ...(brotli ? { 'content-encoding': 'br' } : {}),
    });
    if (req.method === 'HEAD') {
      res.end();
      return true;
    }
    const stream = createReadStream(brotli?.path ?? file.path);
    stream.on('error', () => res.destroy());
    res.on('close', () => stream.destroy());
    stream.pipe(res);
    return true;
  };
}

/** Whether an Accept-Encoding header names br and does not refuse it (`br;q=0`). */
export function acceptsBrotli(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((part) => /^\s*br\s*(;\s*q\s*=\s*(1(\.0*)?|0\.0*[1-9]\d*)\s*)?$/.test(part));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function listFiles(folder: string): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const sizes = new Map(all.map((path) => [path, statSync(path).size]));
  for (const [path, size] of sizes) {
    if (path.endsWith('.br')) continue;
    const url = `/_next/static/${relative(folder, path).split(sep).join('/')}`;
    const small = sizes.get(`${path}.br`);
    files.set(url, {
      path,
      size,
      type: types[extname(path)] ?? 'application/octet-stream',
      ...(small === undefined ? {} : { brotli: { path: `${path}.br`, size: small } }),
    });
  }
  return files;
}

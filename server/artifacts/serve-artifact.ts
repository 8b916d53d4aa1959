import type { Readable } from 'node:stream';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { attachment } from './file-name';
import { readArtifact } from './read-artifact';

/** A file on its way to a browser or program: what it sends as the head of its answer, then the content. */
export interface ServedArtifact {
  status: 200 | 206 | 416;
  headers: Record<string, string>;
  /** opens the content; absent: there is none to send */
  open?: () => Promise<Readable>;
}

/** Never shown as a page of Heddle's: saved, not sniffed, without scripts, and known to nobody else's page. */
const safe = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'private, no-store',
};

/** The answer to a request for a file, whole or one range of it. Throws what readArtifact throws. */
export async function serveArtifact(ctx: Context, input: { runId: string; artifactId: string }, rangeHeader?: string): Promise<ServedArtifact> {
  authorize(ctx, 'run:read');
  const whole = await readArtifact(ctx, input);
  const { name, size, contentType, sha256 } = whole.artifact;
  const headers = { ...safe, 'content-type': contentType, 'content-disposition': attachment(name), 'accept-ranges': 'bytes', etag: `"${sha256}"` };
  const range = parseRange(rangeHeader, size);
  if (range === 'unsatisfiable') return { status: 416, headers: { ...safe, 'content-range': `bytes */${size}`, 'content-length': '0' } };
  if (!range) return { status: 200, headers: { ...headers, 'content-length': String(size) }, open: whole.open };
  const { open } = await readArtifact(ctx, { ...input, range });
  const { start, end } = range;
  return { status: 206, headers: { ...headers, 'content-range': `bytes ${start}-${end}/${size}`, 'content-length': String(end - start + 1) }, open };
}

/** One range of bytes; several, and what is no range, are answered with the whole file. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  return start >= size || end < start ? 'unsatisfiable' : { start, end };
}

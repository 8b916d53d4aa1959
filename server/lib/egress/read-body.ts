import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { StepError } from '@/core/node/executor';

const decoders: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};
/** What the client says it can read. */
export const acceptEncoding = 'gzip, deflate, br';

/** Reads a body, decompressed, of at most `maxBytes` before AND after decompression; stops reading at once beyond that. */
export async function readBody(body: Readable, encoding: string, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamBody(body, encoding, maxBytes)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The same, as it comes. */
export async function* streamBody(body: Readable, encoding: string, maxBytes: number): AsyncGenerator<Uint8Array> {
  const tooLarge = () => new StepError('too_large', `The answer is larger than ${sizeInWords(maxBytes)}.`, { retryable: false });
  let received = 0;
  body.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > maxBytes) body.destroy(tooLarge());
  });
  const stream = decompressed(body, encoding);
  let size = 0;
  let complete = false;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge();
      yield chunk;
    }
    complete = true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(Z_|ERR_BROTLI|ERR__ERROR|ERR_PADDING|ZSTD_)/.test(String(error.code))) {
      throw new StepError('invalid_answer', `The answer says it is ${encoding} but cannot be decompressed.`, { cause: error });
    }
    throw error;
  } finally {
    if (!complete) body.on('error', () => undefined).destroy();
  }
}

function decompressed(body: Readable, encoding: string): Readable {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((s) => s.trim())
    .filter((s) => s && s !== 'identity');
  // layers of compression multiply; nobody honest nests them
  if (names.length > 1) throw new StepError('invalid_answer', `The answer is compressed several times over (${encoding}).`, { retryable: false });
  const name = names[0];
  if (!name) return body;
  const decoder = decoders[name];
  if (!decoder) throw new StepError('invalid_answer', `The answer has the unknown encoding ${name}.`, { retryable: false });
  // errors of either stream reach the reader of the last one
  return pipeline(body, decoder(), () => undefined);
}

function sizeInWords(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.round((bytes / 1024 / 1024) * 10) / 10} MB` : `${Math.round(bytes / 102.4) / 10} KB`;
}

/** Text by the charset the answer names, else UTF-8. */
export function decodeText(body: Buffer, contentType: string): string {
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

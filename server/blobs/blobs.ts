import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { v7 as uuid } from 'uuid';
import { StepError } from '@/core/node/executor';
import { env } from '@/server/env';
import { logger } from '@/server/lib/logger';
import { enginePool } from '@/server/queue/engine-pool';
import { BlobDamaged, type Bytes } from './blob-store';
import { openStore } from './open-store';

/** Names a blob: where it is and what has to be there. */
export interface BlobReference {
  /** opaque; begins with the organization's id */
  key: string;
  /** bytes */
  size: number;
  /** hex */
  sha256: string;
}

export interface PutOptions {
  contentType: string;
  /** the blob goes when this run does */
  runId?: string;
  /** bytes; more of them are StepError `too_large` */
  maxBytes?: number;
}

/** The organization has no room for it: nothing of it was kept. */
export class StorageFull extends StepError {
  constructor(limit: number) {
    super('storage_full', `The organization’s storage is full: ${inWords(limit)} may be kept. Delete files or shorten how long runs are kept.`, {
      retryable: false,
    });
    this.name = 'StorageFull';
  }
}

/** The organization's blobs: counted against its limit, known to the database before their bytes are written. */
export function blobStore() {
  return { put, get, remove };
}

/** Writes a blob; streams are never held whole. Rejects with StorageFull, StepError `too_large`, or what the stream or the store says; nothing stays behind then. */
async function put(organizationId: string, source: Uint8Array | Bytes, options: PutOptions): Promise<BlobReference> {
  const store = openStore();
  const id = uuid();
  const key = `${organizationId}/${id}`;
  const room = await roomOf(organizationId);
  const size = source instanceof Uint8Array ? source.length : 0;
  if (room.left <= 0 || size > room.left) throw new StorageFull(room.limit);
  await enginePool().query('INSERT INTO blob (organization_id, id, run_id, content_type) VALUES ($1, $2, $3, $4)', [
    organizationId,
    id,
    options.runId ?? null,
    options.contentType,
  ]);
  const written = { size: 0, hash: createHash('sha256') };
  try {
    await store.write(key, measured(source instanceof Uint8Array ? [source] : source, written, options.maxBytes, room), options.contentType);
    const reference = { key, size: written.size, sha256: written.hash.digest('hex') };
    const { rows } = await enginePool().query<{ ok: boolean }>('SELECT blob_ready($1, $2, $3, $4, $5) AS ok', [
      organizationId,
      id,
      reference.size,
      reference.sha256,
      env().HEDDLE_STORAGE_LIMIT,
    ]);
    if (!rows[0]?.ok) throw new StorageFull(room.limit);
    return reference;
  } catch (error) {
    await remove([key]).catch((err) => logger.warn({ err, key }, 'a blob that was not finished could not be removed; the sweep removes it'));
    throw error;
  }
}

/** What an organization may still write, in bytes; several writes at once are counted for good by blob_ready. */
async function roomOf(organizationId: string): Promise<{ limit: number; left: number }> {
  const { rows } = await enginePool().query<{ bytes: string; limit_bytes: string | null }>(
    'SELECT bytes, limit_bytes FROM storage_use WHERE organization_id = $1',
    [organizationId],
  );
  const limit = Number(rows[0]?.limit_bytes ?? env().HEDDLE_STORAGE_LIMIT);
  return { limit, left: limit - Number(rows[0]?.bytes ?? 0) };
}

async function* measured(
  source: Bytes | Iterable<Uint8Array>,
  written: { size: number; hash: ReturnType<typeof createHash> },
  maxBytes: number | undefined,
  room: { limit: number; left: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    written.size += chunk.length;
    if (maxBytes !== undefined && written.size > maxBytes)
      throw new StepError('too_large', `The file is larger than ${inWords(maxBytes)}.`, { retryable: false });
    if (written.size > room.left) throw new StorageFull(room.limit);
    written.hash.update(chunk);
    yield chunk;
  }
}

/** Reads a blob. The stream fails with BlobDamaged at its end when the content is not what was written; a range is not checked. */
async function get(reference: BlobReference, range?: { start: number; end: number }): Promise<Readable> {
  const store = openStore();
  const stream = await store.read(reference.key, range);
  if (range) return stream;
  return Readable.from(checked(stream, reference, store.place), { objectMode: false, highWaterMark: 256 * 1024 });
}

/** The last bytes go out only when all of them are known to be right. */
async function* checked(stream: Readable, { key, size, sha256 }: BlobReference, place: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let seen = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    seen += chunk.length;
    hash.update(chunk);
    if (seen > size || (seen === size && hash.copy().digest('hex') !== sha256)) throw new BlobDamaged(key, place);
    yield chunk;
  }
  if (seen !== size) throw new BlobDamaged(key, place);
}

/** Removes blobs: they count no longer, then their bytes go, then what the database knows of them. A crash in between is finished by the sweep. */
async function remove(keys: readonly string[]): Promise<void> {
  const byOrganization = new Map<string, string[]>();
  for (const key of keys) {
    const [organizationId = '', id = ''] = key.split('/');
    byOrganization.set(organizationId, [...(byOrganization.get(organizationId) ?? []), id]);
  }
  for (const [organizationId, ids] of byOrganization) {
    await enginePool().query('SELECT blob_doom($1, $2)', [organizationId, ids]);
    await openStore().remove(ids.map((id) => `${organizationId}/${id}`));
    await enginePool().query('DELETE FROM blob WHERE organization_id = $1 AND id = ANY($2)', [organizationId, ids]);
  }
}

function inWords(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1000)), units.length - 1);
  return `${Math.round((bytes / 1000 ** power) * 10) / 10} ${units[power]}`;
}

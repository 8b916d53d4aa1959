import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { assertKey, BlobMissing, type BlobStore, type Bytes, StoreAway } from './blob-store';

/** Blobs as files: written beside their place, synced, then renamed into it. */
export class LocalStore implements BlobStore {
  private readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  get place(): string {
    return this.root;
  }

  async write(key: string, bytes: Bytes): Promise<void> {
    const path = this.pathOf(key);
    const part = `${path}.part`;
    await this.use(mkdir(dirname(path), { recursive: true, mode: 0o700 }));
    const file = await this.use(open(part, 'w', 0o600));
    try {
      for await (const chunk of bytes) await this.use(writeAll(file, chunk));
      await this.use(file.sync());
      await this.use(file.close());
      await this.use(rename(part, path));
      await syncFolder(dirname(path));
    } catch (error) {
      await file.close().catch(() => {});
      await rm(part, { force: true }).catch(() => {});
      throw error;
    }
  }

  async read(key: string, range?: { start: number; end: number }): Promise<Readable> {
    const path = this.pathOf(key);
    const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new BlobMissing(key, this.place) : this.away(error);
    });
    return file.createReadStream({ ...range, highWaterMark: 256 * 1024 });
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const path = this.pathOf(key);
      await this.use(rm(path, { force: true }));
      await this.use(rm(`${path}.part`, { force: true }));
    }
  }

  private use<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: NodeJS.ErrnoException) => {
      throw this.away(error);
    });
  }

  private away({ code, message }: NodeJS.ErrnoException): StoreAway {
    return new StoreAway(this.place, code === 'ENOSPC' || code === 'EDQUOT' ? 'has no space left' : `cannot be used (${code ?? message})`);
  }

  /** Two more characters between: a folder of a million files is slow on some file systems. The last ones: the first of a UUIDv7 are the time. */
  private pathOf(key: string): string {
    assertKey(key);
    const [organization = '', id = ''] = key.split('/');
    // the app never carries this folder: Turbopack is not to look for it
    return join(/* turbopackIgnore: true */ this.root, organization, id.slice(-2), id);
  }
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
}

/** A rename is durable when its folder is. Some systems cannot sync folders; there the file system orders by itself. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { assertKey, BlobMissing, type BlobStore, type Bytes } from './blob-store';

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
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const part = `${path}.part`;
    const file = await open(part, 'w', 0o600);
    try {
      for await (const chunk of bytes) await writeAll(file, chunk);
      await file.sync();
      await file.close();
      await rename(part, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await file.close().catch(() => {});
      await rm(part, { force: true }).catch(() => {});
      throw error;
    }
  }

  async read(key: string, range?: { start: number; end: number }): Promise<Readable> {
    const path = this.pathOf(key);
    try {
      await stat(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new BlobMissing(key, this.place);
      throw error;
    }
    return createReadStream(path, { ...range, highWaterMark: 256 * 1024 });
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const path = this.pathOf(key);
      await rm(path, { force: true });
      await rm(`${path}.part`, { force: true });
    }
  }

  /** Two more characters between: a folder of a million files is slow on some file systems. The last ones: the first of a UUIDv7 are the time. */
  private pathOf(key: string): string {
    assertKey(key);
    const [organization = '', id = ''] = key.split('/');
    return join(this.root, organization, id.slice(-2), id);
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

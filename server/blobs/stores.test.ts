import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlobMissing, type BlobStore } from './blob-store';
import { LocalStore } from './local-store';
import { S3Store } from './s3-store';
import { type FakeS3, fakeS3 } from './testing';

let folder: string;
let fake: FakeS3;
let s3: S3Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-blobs-'));
  fake = await fakeS3();
  s3 = new S3Store(fake.settings);
});
afterAll(async () => {
  await s3.close();
  await fake.close();
  rmSync(folder, { recursive: true, force: true });
});

const stores: [string, () => BlobStore][] = [
  ['a folder', () => new LocalStore(folder)],
  ['a bucket', () => s3],
];
const newKey = () => `${uuid()}/${uuid()}`;
async function* pieces(data: Buffer, size: number) {
  for (let i = 0; i < data.length; i += size) yield data.subarray(i, i + size);
}

describe.each(stores)('blobs in %s', (_, open) => {
  it.each([0, 1, 300_000, 8 * 1024 * 1024, 20_000_001])('of %i bytes come back as they were, whole or in part', async (size) => {
    const store = open();
    const key = newKey();
    const data = randomBytes(size);
    await store.write(key, pieces(data, 777_777), 'text/plain');
    expect((await buffer(await store.read(key))).equals(data)).toBe(true);
    if (size > 10) expect((await buffer(await store.read(key, { start: 3, end: 9 }))).equals(data.subarray(3, 10))).toBe(true);
    await store.remove([key, key]);
    await expect(store.read(key)).rejects.toThrow(BlobMissing);
  });

  it('are there whole or not at all', async () => {
    const store = open();
    const key = newKey();
    async function* breaksOff() {
      yield randomBytes(9_000_000);
      yield randomBytes(9_000_000);
      throw new Error('cut');
    }
    await expect(store.write(key, breaksOff(), 'text/plain')).rejects.toThrow('cut');
    await expect(store.read(key)).rejects.toThrow(BlobMissing);
    expect(fake.uploads.size).toBe(0);
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.part'))).toEqual([]);
  });

  it.each(['../../etc/passwd', 'a/b', `${uuid()}/../${uuid()}`, `${uuid()}/${uuid()}/x`, `${uuid()}/${uuid()}\n`])('refuse the key %j', async (key) => {
    await expect(open().read(key)).rejects.toThrow('no key');
    await expect(open().write(key, pieces(Buffer.from('x'), 1), 'text/plain')).rejects.toThrow('no key');
    await expect(open().remove([key])).rejects.toThrow('no key');
  });
});

it('a process killed in the middle of a write leaves no blob, and what it left goes with the key', async () => {
  const key = newKey();
  const script = `import { LocalStore } from './server/blobs/local-store.ts';
    async function* slow() { yield Buffer.alloc(100_000); process.stdout.write('half'); await new Promise((r) => setTimeout(r, 60_000)); }
    await new LocalStore(${JSON.stringify(folder)}).write(${JSON.stringify(key)}, slow());`;
  const source = join(folder, 'write.ts');
  const { build } = await import('esbuild');
  await build({
    stdin: { contents: script, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: `${source}.mjs`,
    logLevel: 'silent',
  });
  const child = spawn(process.execPath, [`${source}.mjs`], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  const store = new LocalStore(folder);
  await expect(store.read(key)).rejects.toThrow(BlobMissing);
  const left = () => readdirSync(folder, { recursive: true }).filter((name) => String(name).includes(key.slice(-36)));
  expect(left()).toHaveLength(1);
  await store.remove([key]);
  expect(left()).toEqual([]);
});

describe('a bucket', () => {
  it('that is busy is asked again; one that refuses says so', async () => {
    const key = newKey();
    fake.failWith = [503, 500];
    await s3.write(key, pieces(Buffer.from('hello'), 5), 'text/plain');
    expect((await buffer(await s3.read(key))).toString()).toBe('hello');
    const wrong = new S3Store({ ...fake.settings, secretAccessKey: 'another' });
    await expect(wrong.read(key)).rejects.toThrow('403 (SignatureDoesNotMatch)');
    await wrong.close();
    const elsewhere = new S3Store({ ...fake.settings, bucket: 'no-such-bucket' });
    await expect(elsewhere.read(key)).rejects.toThrow('404 (NoSuchBucket)');
    await elsewhere.close();
  });

  it('forgets the parts of an upload that a crash cut short', async () => {
    const key = newKey();
    fake.uploads.set('left&behind', { key, parts: new Map([[1, Buffer.from('x')]]) });
    await s3.remove([key]);
    expect(fake.uploads.size).toBe(0);
  });
});

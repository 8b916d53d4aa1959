import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { BlobDamaged, BlobMissing, type BlobStore } from './blob-store';
import { blobStore, StorageFull } from './blobs';
import { largeCharacters, largeReference, loadLarge, storeLarge } from './large';
import { LocalStore } from './local-store';
import { replaceStore } from './open-store';
import { sweepBlobs } from './sweep-blobs';

describe('blobs', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-blobs-'));
    database = await testDatabase({ HEDDLE_BLOBS: folder, HEDDLE_STORAGE_LIMIT: '1000000' });
  });
  beforeEach(async () => {
    replaceStore(undefined);
    tenant = await makeTenant();
  });
  afterAll(async () => {
    replaceStore(undefined);
    await closeEnginePool();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const use = async () =>
    (await database.sql('SELECT bytes::int, files FROM storage_use WHERE organization_id = $1', [tenant.organizationId]))[0] ?? { bytes: 0, files: 0 };
  const files = () =>
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.startsWith(tenant.organizationId) && statSync(join(folder, name)).isFile());
  const rows = () => database.sql('SELECT id, ready FROM blob WHERE organization_id = $1', [tenant.organizationId]);
  const put = (bytes: number) => blobStore().put(tenant.organizationId, Buffer.alloc(bytes, 'x'), { contentType: 'text/plain' });

  it('count against their organization while they are kept', async () => {
    const [a, b] = [await put(300_000), await put(600_000)];
    expect(await use()).toEqual({ bytes: 900_000, files: 2 });
    expect((await text(await blobStore().get(a))).length).toBe(300_000);
    const full = await put(200_000).catch((error: unknown) => error);
    expect(full).toBeInstanceOf(StorageFull);
    expect(full).toMatchObject({ code: 'storage_full', retryable: false, message: expect.stringContaining('1 MB may be kept') });
    const other = await makeTenant();
    await expect(blobStore().put(other.organizationId, Buffer.alloc(200_000), { contentType: 'text/plain' })).resolves.toMatchObject({ size: 200_000 });
    await blobStore().remove([a.key]);
    expect(await use()).toEqual({ bytes: 600_000, files: 1 });
    await put(200_000);
    await blobStore().remove([b.key, b.key]);
    expect(await use()).toEqual({ bytes: 200_000, files: 1 });
    await database.sql('UPDATE storage_use SET limit_bytes = 2000000 WHERE organization_id = $1', [tenant.organizationId]);
    await put(1_500_000);
  });

  it('written at once never exceed the limit together', async () => {
    const done = await Promise.allSettled(Array.from({ length: 8 }, () => put(300_000)));
    expect(done.filter((d) => d.status === 'fulfilled')).toHaveLength(3);
    expect(await use()).toEqual({ bytes: 900_000, files: 3 });
    expect(files()).toHaveLength(3);
    expect(await rows()).toHaveLength(3);
  });

  it('that are too large or break off leave nothing behind', async () => {
    async function* endless() {
      for (;;) yield Buffer.alloc(50_000);
    }
    await expect(blobStore().put(tenant.organizationId, endless(), { contentType: 'text/plain' })).rejects.toThrow(StorageFull);
    await expect(blobStore().put(tenant.organizationId, endless(), { contentType: 'text/plain', maxBytes: 120_000 })).rejects.toThrow('larger than 120 KB');
    expect([files(), await rows(), await use()]).toEqual([[], [], { bytes: 0, files: 0 }]);
  });

  it('of a process that died are swept away, and nothing else', async () => {
    const kept = await put(10);
    const store = new LocalStore(folder);
    const dies: BlobStore = {
      place: 'here',
      read: (key) => store.read(key),
      remove: () => Promise.reject(new Error('dead')),
      write: (key, bytes) =>
        store.write(
          key,
          (async function* () {
            yield* bytes;
          })(),
        ),
    };
    replaceStore(dies);
    const doomed = await put(20);
    await expect(blobStore().remove([doomed.key])).rejects.toThrow('dead');
    await expect(blobStore().put(tenant.organizationId, Buffer.alloc(1_000), { contentType: 'x', maxBytes: 1 })).rejects.toThrow('larger');
    replaceStore(undefined);
    expect(await use()).toEqual({ bytes: 10, files: 1 });
    expect(await sweepBlobs()).toBe(0);
    await database.sql(`UPDATE blob SET created_at = now() - interval '2 days' WHERE organization_id = $1`, [tenant.organizationId]);
    expect(await sweepBlobs()).toBe(2);
    expect([files().length, await rows()]).toEqual([1, [{ id: kept.key.slice(-36), ready: true }]]);
  });

  it('that are damaged are not handed out as whole', async () => {
    const reference = await put(5_000);
    const path = join(folder, files()[0] ?? '');
    truncateSync(path, 4_000);
    await expect(blobStore().get(reference).then(text)).rejects.toThrow(BlobDamaged);
    writeFileSync(path, Buffer.alloc(5_000, 'y'));
    await expect(blobStore().get(reference).then(text)).rejects.toThrow(BlobDamaged);
    rmSync(path);
    await expect(blobStore().get(reference)).rejects.toThrow(BlobMissing);
  });

  it('hold JSON texts that are large, and nobody forges a reference', async () => {
    const { organizationId } = tenant;
    const large = JSON.stringify({ attempt: 1, startedAt: 5, output: `ä€😀\u2028${'x'.repeat(largeCharacters)}` });
    const stored = await storeLarge(organizationId, large, uuid());
    expect(stored.length).toBeLessThan(1_000);
    expect(largeReference(organizationId, stored)).toMatchObject({
      size: Buffer.byteLength(large),
      head: expect.stringContaining('{"attempt":1,"startedAt":5,'),
    });
    expect(await loadLarge(organizationId, stored)).toBe(large);
    const { $blob } = JSON.parse(stored) as { $blob: object };
    for (const value of [{ $blob }, { $blob: null }, { $blob: null, value: { $blob } }, { $blob: { key: 'x' } }, { a: 1, $blob }, '{"$blob":', null]) {
      const json = JSON.stringify(value);
      const kept = await storeLarge(organizationId, json);
      expect(largeReference(organizationId, kept)).toBeUndefined();
      expect(await loadLarge(organizationId, kept)).toBe(json);
    }
    await expect(loadLarge((await makeTenant()).organizationId, stored)).rejects.toThrow('another organization');
  });

  it('show a tenant its own rows alone', async () => {
    await put(10);
    const { withTenant } = await import('@/server/db/transaction');
    const other = await makeTenant();
    expect(await withTenant(other.organizationId, (tx) => tx.blob.count())).toBe(0);
    expect(await withTenant(tenant.organizationId, (tx) => tx.blob.count())).toBe(1);
    await expect(withTenant(tenant.organizationId, (tx) => tx.blob.deleteMany())).rejects.toThrow(/permission denied/);
  });
});

import { join } from 'node:path';
import { env } from '@/server/env';
import type { BlobStore } from './blob-store';
import { LocalStore } from './local-store';
import { S3Store } from './s3-store';

const shared = ((globalThis as { __heddleBlobs?: { store?: BlobStore } }).__heddleBlobs ??= {});

/** The store of this installation: a bucket when HEDDLE_S3_ENDPOINT names one, else a folder. */
export function openStore(): BlobStore {
  shared.store ??= fromEnvironment();
  return shared.store;
}

/** For tests: another store for this process; undefined: the environment's again. */
export function replaceStore(store: BlobStore | undefined): void {
  shared.store = store;
}

function fromEnvironment(): BlobStore {
  const { HEDDLE_S3_ENDPOINT, HEDDLE_S3_BUCKET, HEDDLE_S3_REGION, HEDDLE_S3_ACCESS_KEY_ID, HEDDLE_S3_SECRET_ACCESS_KEY, HEDDLE_BLOBS, HEDDLE_HOME } = env();
  if (!HEDDLE_S3_ENDPOINT) return new LocalStore(HEDDLE_BLOBS ?? join(HEDDLE_HOME, 'blobs'));
  if (!HEDDLE_S3_BUCKET || !HEDDLE_S3_ACCESS_KEY_ID || !HEDDLE_S3_SECRET_ACCESS_KEY) {
    throw new Error('HEDDLE_S3_ENDPOINT is set: HEDDLE_S3_BUCKET, HEDDLE_S3_ACCESS_KEY_ID and HEDDLE_S3_SECRET_ACCESS_KEY are wanted too.');
  }
  return new S3Store({
    endpoint: HEDDLE_S3_ENDPOINT,
    bucket: HEDDLE_S3_BUCKET,
    region: HEDDLE_S3_REGION,
    accessKeyId: HEDDLE_S3_ACCESS_KEY_ID,
    secretAccessKey: HEDDLE_S3_SECRET_ACCESS_KEY,
  });
}

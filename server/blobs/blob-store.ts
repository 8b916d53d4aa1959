import type { Readable } from 'node:stream';
import { StepError } from '@/core/node/executor';

/** Bytes as they come; nobody holds a whole file. */
export type Bytes = AsyncIterable<Uint8Array>;

/** Where the bytes of blobs are. Keys are `organizationId/id`; whoever calls has checked whose they are. */
export interface BlobStore {
  /** what people call it, for `heddle doctor` and error messages */
  readonly place: string;
  /** Resolves when the bytes are durable under `key`; after a crash or an error half of them are never there under it. */
  write(key: string, bytes: Bytes, contentType: string): Promise<void>;
  /** Rejects with BlobMissing, or as all three with StoreAway. `range`: bytes from `start` to and with `end`. */
  read(key: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Absent ones are no error; what a crash left of them goes too. */
  remove(keys: readonly string[]): Promise<void>;
}

/** The store does not have it. */
export class BlobMissing extends StepError {
  constructor(key: string, place: string) {
    super('blob_missing', `The blob ${key} is not in the store (${place}).`, { retryable: false });
    this.name = 'BlobMissing';
  }
}

/** What was read is not what was written. */
export class BlobDamaged extends StepError {
  constructor(key: string, place: string) {
    super('blob_damaged', `The blob ${key} in the store (${place}) is damaged: its content hash does not fit.`, { retryable: false });
    this.name = 'BlobDamaged';
  }
}

/** The store cannot be used now (away, busy, full, refused): nobody's blob is at fault, and another try may do. */
export class StoreAway extends StepError {
  constructor(place: string, why: string, cause?: unknown) {
    super('storage_unavailable', `The blob store ${place} ${why}.`, { cause });
    this.name = 'StoreAway';
  }
}

const keyForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Throws unless `key` has the form of our own keys: nothing else ever becomes a path or an address. */
export function assertKey(key: string): void {
  if (!keyForm.test(key)) throw new Error(`${JSON.stringify(key.slice(0, 100))} is no key of a blob.`);
}

export { StoreAway } from './blob-store';
export { type BlobReference, blobStore, StorageFull } from './blobs';
export { type LargeReference, largeReference, loadLarge, storeLarge } from './large';
export { probeStore } from './probe-store';
export { removeBlobsOfRuns, sweepBlobs } from './sweep-blobs';

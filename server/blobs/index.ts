export { StoreAway } from './blob-store';
export { type BlobReference, blobStore } from './blobs';
export { type LargeReference, largeCharacters, largeReference, loadLarge, storeLarge } from './large';
export { probeStore } from './probe-store';
export { sweepBlobs } from './sweep-blobs';

import { deriveKey } from '@/server/env';
import { open, seal } from './seal';

/** Wraps organizations' data keys. The local one uses the master key; a cloud's key service can stand here. */
export interface Kms {
  wrap(key: Buffer, context: string): Promise<Buffer>;
  /** throws when the key was wrapped by another master key or for another context */
  unwrap(wrapped: Buffer, context: string): Promise<Buffer>;
}

/** Wraps with a key derived from HEDDLE_SECRET. */
export function localKms(secret?: string): Kms {
  const master = deriveKey('kms', secret);
  return {
    wrap: async (key, context) => seal(master, key, context),
    unwrap: async (wrapped, context) => open(master, wrapped, context),
  };
}

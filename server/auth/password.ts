import { hash, verify } from '@node-rs/argon2';

/** argon2id, 64 MiB, three passes (security.md): about 75 ms. `algorithm: 2` is argon2id; its const enum does not survive isolatedModules. */
const cost = { algorithm: 2, memoryCost: 65_536, timeCost: 3, parallelism: 1 } as const;

/** The hash of a password, with its salt and cost in it. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

let decoy: Promise<string> | undefined;

/** Whether the password fits. Without a hash (no such account) it takes as long and says no, so that time tells nothing. */
export async function verifyPassword(stored: string | null | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('there is no such account');
  const fits = await verify(stored ?? (await decoy), password).catch(() => false);
  return fits && Boolean(stored);
}

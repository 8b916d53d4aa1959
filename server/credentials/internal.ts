import { randomBytes } from 'node:crypto';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import { type Kms, localKms } from './kms';
import { open, seal } from './seal';

/** Which organization, credential, kind and hosts a secret was sealed for: none of them can be changed without the secret. */
export interface SealedFor {
  organizationId: OrganizationId;
  id: string;
  kind: string;
  hosts: string[];
}

const context = (c: SealedFor, version: number) => [c.organizationId, c.id, version, c.kind, ...[...c.hosts].sort()].join('|');
const keyContext = (organizationId: OrganizationId, version: number) => `${organizationId}|data-key|${version}`;
const versionBytes = 4;

/** Seals a secret under the organization's newest data key, made when there is none. */
export async function sealSecret(tx: Transaction, target: SealedFor, secret: string, kms: Kms = localKms()): Promise<Uint8Array<ArrayBuffer>> {
  const { version, key } = await newestKey(tx, target.organizationId, kms);
  const head = Buffer.alloc(versionBytes);
  head.writeUInt32BE(version);
  return new Uint8Array(Buffer.concat([head, seal(key, Buffer.from(secret), context(target, version))]));
}

/** Opens what sealSecret made. Throws a plain Error that says what the operator should look at. */
export async function openSecret(tx: Transaction, target: SealedFor, sealed: Uint8Array, kms: Kms = localKms()): Promise<string> {
  const bytes = Buffer.from(sealed);
  const version = bytes.readUInt32BE(0);
  const row = await tx.dataKey.findUnique({ where: { organizationId_version: { organizationId: target.organizationId, version } } });
  if (!row) throw new Error(`The data key ${version} of this organization is missing.`);
  const key = await unwrap(kms, row.wrapped, target.organizationId, version);
  try {
    return open(key, bytes.subarray(versionBytes), context(target, version)).toString();
  } catch (cause) {
    throw new Error('A credential was changed outside of Heddle and can no longer be opened: enter its secret anew.', { cause });
  }
}

async function newestKey(tx: Transaction, organizationId: OrganizationId, kms: Kms): Promise<{ version: number; key: Buffer }> {
  const newest = () => tx.dataKey.findFirst({ where: { organizationId }, orderBy: { version: 'desc' } });
  let row = await newest();
  if (!row) {
    const wrapped = new Uint8Array(await kms.wrap(randomBytes(32), keyContext(organizationId, 1)));
    // somebody else may be making the first one now: the first wins
    await tx.dataKey.createMany({ data: [{ organizationId, version: 1, wrapped }], skipDuplicates: true });
    row = await newest();
  }
  if (!row) throw new Error('The data key of this organization could not be made.');
  return { version: row.version, key: await unwrap(kms, row.wrapped, organizationId, row.version) };
}

async function unwrap(kms: Kms, wrapped: Uint8Array, organizationId: OrganizationId, version: number): Promise<Buffer> {
  try {
    return await kms.unwrap(Buffer.from(wrapped), keyContext(organizationId, version));
  } catch (cause) {
    throw new Error('The credentials cannot be opened: HEDDLE_SECRET is not the one they were sealed with.', { cause });
  }
}

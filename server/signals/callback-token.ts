import { createHmac, timingSafeEqual } from 'node:crypto';
import { deriveKey, publicUrl } from '@/server/env';

const tagLength = 16;
let key: Buffer | undefined;

/** The address under which steps of a run are called back: a step's own is `{{ run.callbackUrl }}/STEP`. Who knows it may answer for the run. */
export function callbackUrl(organizationId: string, runId: string): string {
  return `${publicUrl()}/callbacks/${callbackToken(organizationId, runId)}`;
}

/** Organization and run, with a tag that only Heddle can make. */
export function callbackToken(organizationId: string, runId: string): string {
  const ids = Buffer.from(`${organizationId}${runId}`.replaceAll('-', ''), 'hex');
  return Buffer.concat([ids, tagOf(ids)]).toString('base64url');
}

/** Whose run a token is for; undefined for what Heddle did not make. Takes the same time for every wrong tag. */
export function readCallbackToken(token: string): { organizationId: string; runId: string } | undefined {
  if (!/^[A-Za-z0-9_-]{64}$/.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  const ids = bytes.subarray(0, 32);
  if (!timingSafeEqual(bytes.subarray(32), tagOf(ids))) return undefined;
  return { organizationId: asUuid(ids.subarray(0, 16)), runId: asUuid(ids.subarray(16)) };
}

function tagOf(ids: Buffer): Buffer {
  key ??= deriveKey('callback');
  return createHmac('sha256', key).update(ids).digest().subarray(0, tagLength);
}

function asUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const prefix = 'hdl_live_';

function base62(value: bigint, length: number): string {
  let text = '';
  for (let v = value; v > 0n; v /= 62n) text = alphabet[Number(v % 62n)] + text;
  return text.padStart(length, '0');
}

const checksum = (text: string): string => base62(BigInt(crc32(text)), 6);

/** A new key: 256 random bits in base62 and a checksum, so that scanners recognise it and a mistyped one costs no look-up. */
export function makeApiKey(random: Buffer = randomBytes(32)): string {
  const body = prefix + base62(BigInt(`0x${random.toString('hex')}`), 43);
  return body + checksum(body);
}

/** Whether the text has the form and checksum of a key. Says nothing about its existence. */
export function isApiKey(text: string): boolean {
  return /^hdl_live_[0-9A-Za-z]{49}$/.test(text) && checksum(text.slice(0, -6)) === text.slice(-6);
}

/** What is stored of a key. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

import { publicUrl } from '@/server/env';

/** The public address of a hook. */
export function hookUrl(token: string): string {
  return new URL(`/hooks/${token}`, publicUrl()).toString();
}

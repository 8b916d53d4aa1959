import type { Json } from '@/core/workflow/workflow';
import { Invalid } from '@/server/lib/errors';

/** PostgreSQL's jsonb refuses NUL and lone surrogates: say where they are instead of failing in the database. */
export function assertStorableText(value: Json, path = ''): void {
  if (typeof value === 'string') return assertText(value, path);
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      assertStorableText(item, `${path}[${i}]`);
    });
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    assertText(key, path);
    assertStorableText(item, path ? `${path}.${key}` : key);
  }
}

function assertText(text: string, path: string): void {
  if (/[\0\p{Surrogate}]/u.test(text)) {
    const message = 'holds a NUL or half of a surrogate pair, which is not text';
    throw new Invalid(`${path}: ${message}`, [{ path, message }]);
  }
}

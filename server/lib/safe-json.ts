import type { Json } from '@/core/workflow/workflow';
import { Invalid } from './errors';

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Refuses JSON that could pollute prototypes, overflow a stack or that is too large to store (security.md R14, R15).
 * `name` is where the value came from; the problem names the place inside it.
 */
export function assertSafeJson(value: unknown, name: string, limits: { bytes?: number; depth?: number } = {}): asserts value is Json {
  const { bytes = 1_048_576, depth = 100 } = limits;
  const refuse = (path: string, message: string): never => {
    throw new Invalid(`${path}: ${message}`, [{ path, message }]);
  };
  const walk = (v: unknown, path: string, level: number): void => {
    if (level > depth) refuse(path, `nested deeper than ${depth} levels`);
    if (v === null || typeof v !== 'object') {
      if (v !== null && !['string', 'boolean', 'number'].includes(typeof v)) refuse(path, 'this is not JSON');
      return;
    }
    if (Array.isArray(v)) {
      v.forEach((item, i) => {
        walk(item, `${path}[${i}]`, level + 1);
      });
      return;
    }
    for (const key of Object.keys(v)) {
      if (forbiddenKeys.has(key)) refuse(`${path}.${key}`, 'a key of this name is not allowed');
      walk((v as Record<string, unknown>)[key], `${path}.${key}`, level + 1);
    }
  };
  walk(value, name, 0);
  const size = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (size > bytes) refuse(name, `${size} bytes, more than the ${bytes} allowed`);
}

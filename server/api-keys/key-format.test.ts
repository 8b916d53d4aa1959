import { expect, it } from 'vitest';
import { hashApiKey, isApiKey, makeApiKey } from './key-format';

it('makes keys that recognise themselves and notice any changed character', () => {
  const keys = Array.from({ length: 200 }, makeApiKey);
  expect(new Set(keys).size).toBe(200);
  for (const key of keys) {
    expect(key).toMatch(/^hdl_live_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/);
    expect(isApiKey(key)).toBe(true);
    const at = 9 + (key.charCodeAt(12) % 49);
    const changed = key.slice(0, at) + (key[at] === 'x' ? 'y' : 'x') + key.slice(at + 1);
    expect(isApiKey(changed)).toBe(false);
  }
  expect(hashApiKey(keys[0] ?? '')).toMatch(/^[0-9a-f]{64}$/);
});

import { expect, it } from 'vitest';
import { formatBytes } from './format-bytes';

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_400, '1.4 KB'],
  [123_456, '123 KB'],
  [999_499, '999 KB'],
  [999_500, '1 MB'],
  [5_000_000_000, '5 GB'],
  [7_500_000_000_000_000, '7500 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

import { expect, it } from 'vitest';
import { slugify } from './slug';

it.each([
  ['Café Zürich & Söhne', 'cafe-zurich-sohne'],
  ["Olga's organization", 'olgas-organization'],
  ['  --Hello,   World!--', 'hello-world'],
  ['日本', 'x'],
  [`${'a'.repeat(47)} b`, 'a'.repeat(47)],
])('%s becomes %s', (text, slug) => {
  expect(slugify(text, 'x')).toBe(slug);
});

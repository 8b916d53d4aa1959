/** A slug of what a person typed: lower case, digits and dashes, at most `max` characters; `fallback` when nothing is left. */
export function slugify(text: string, fallback: string, max = 48): string {
  const slug = text
    .normalize('NFKD')
    .replace(/[\p{M}'’]+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, max)
    .replace(/-+$/, '');
  return slug || fallback;
}

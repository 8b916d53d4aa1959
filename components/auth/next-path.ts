/**
 * Where to go after signing in: a path of this site alone. Anything a browser could read as another host (`//host`, `/\host`, a scheme,
 * control characters that URL parsers drop) becomes the fallback.
 */
export function safeNextPath(next: string | string[] | null | undefined, fallback = '/'): string {
  if (typeof next !== 'string' || !next.startsWith('/') || next.length > 2000) return fallback;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are exactly what must not pass
  if (/[\\\u0000-\u0020\u007f]/.test(next) || next.startsWith('//')) return fallback;
  const origin = 'https://heddle.invalid';
  if (!URL.canParse(next, origin)) return fallback;
  const url = new URL(next, origin);
  if (url.origin !== origin || url.pathname.startsWith('//') || /^\/(signin|signup|api)(\/|$)/.test(url.pathname)) return fallback;
  return url.pathname + url.search + url.hash;
}

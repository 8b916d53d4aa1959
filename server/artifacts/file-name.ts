const longest = 200;
/** what some file system refuses or a shell or header reads as something else */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is replaced
const unfit = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069<>:"/\\|?*]+/g;

const loneSurrogates = /\p{Surrogate}/gu;

/** A file name without folders, control and direction characters, at most 200 characters with its ending kept. Never empty. */
export function cleanName(given: string): string {
  const name = given
    .replace(loneSurrogates, '_')
    .replace(unfit, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  if (name === '') return 'file';
  if (name.length <= longest) return name;
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? '';
  return `${name.slice(0, longest - ending.length)}${ending}`.replace(loneSurrogates, '_');
}

/** The content type when it is one, else that of unknown bytes. */
export function cleanContentType(given: string): string {
  return /^[\w.+-]{1,60}\/[\w.+-]{1,100}(; ?[\w-]{1,40}=("[\w .+-]{0,60}"|[\w.+-]{1,60})){0,4}$/.test(given) ? given : 'application/octet-stream';
}

/** The header that makes a browser save the file under its name instead of showing it (RFC 6266). */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

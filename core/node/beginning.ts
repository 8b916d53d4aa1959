/** The first `length` characters (UTF-16) of a text, one less where that would cut a character in half: half a character is no text to the database. */
export function beginning(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff && text.length > length ? length - 1 : length);
}

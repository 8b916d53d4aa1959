/** How hard a password is to guess, 0 to 4, with one hint. Length counts most; repeats and well-known words count little. */
export function passwordStrength(password: string, own: string[] = []): { score: 0 | 1 | 2 | 3 | 4; hint: string } {
  if (!password) return { score: 0, hint: 'At least 8 characters. A few words in a row are easy to remember and hard to guess.' };
  const lower = password.toLowerCase();
  const personal = own.some((word) => word.length >= 4 && lower.includes(word.toLowerCase()));
  const common = /password|passwort|qwert|12345|letmein|welcome|admin|heddle|iloveyou/.test(lower);
  const different = new Set(lower).size;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  if (password.length < 8) return { score: 1, hint: 'Too short so far.' };
  if (different < 6 || common || personal)
    return { score: 1, hint: personal ? 'Leave out your name and address.' : 'Easy to guess: leave out well-known words and repeats.' };
  const score = Math.min(4, 2 + (password.length >= 14 ? 1 : 0) + (kinds >= 3 || password.length >= 20 ? 1 : 0)) as 2 | 3 | 4;
  return { score, hint: score === 2 ? 'Fair. Longer is better.' : score === 3 ? 'Good.' : 'Strong.' };
}

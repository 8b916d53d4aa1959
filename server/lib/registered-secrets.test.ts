import { describe, expect, it } from 'vitest';
import { redactSecrets, registerSecret } from './registered-secrets';

describe('registered secrets', () => {
  it('are replaced in every spelling a log line may hold', () => {
    const secret = 'pa"ss wörd/+?';
    const forget = registerSecret(secret);
    for (const spelling of [
      secret,
      JSON.stringify({ secret }),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
    ]) {
      const shown = redactSecrets(`before ${spelling} after`);
      expect(shown).toContain('[redacted]');
      expect(shown).not.toContain(spelling);
    }
    forget();
    expect(redactSecrets(secret)).toBe(secret);
  });

  it('stay until everybody who registered them forgot them', () => {
    const first = registerSecret('shared-secret');
    const second = registerSecret('shared-secret');
    first();
    first();
    expect(redactSecrets('shared-secret')).toBe('[redacted]');
    second();
    expect(redactSecrets('shared-secret')).toBe('shared-secret');
  });

  it('leaves short values alone, which would garble everything', () => {
    registerSecret('a');
    expect(redactSecrets('banana')).toBe('banana');
  });
});

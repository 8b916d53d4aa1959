import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** REST, the worker and scripts call verbs past tRPC, so each verb checks for itself, before it looks at its input. */
const verbs = readdirSync('server', { recursive: true, encoding: 'utf8' })
  .filter((file) => /^[a-z-]+\/[a-z-]+\.ts$/.test(file) && !file.includes('.test.'))
  .flatMap((file) => {
    const source = readFileSync(`server/${file}`, 'utf8');
    return [...source.matchAll(/^export (?:async )?function (\w+)\(\s*_?ctx: Context[\s\S]*?\{\n(.*)\n/gm)].map(([, name, first]) => ({
      verb: `${file} ${name}`,
      first: first?.trim() ?? '',
    }));
  })
  .filter(({ verb }) => !verb.startsWith('auth/authorize'));

it('every verb authorizes in its first line', () => {
  expect(verbs.length).toBeGreaterThan(30);
  expect(verbs.filter(({ first }) => !first.startsWith('authorize(ctx, ')).map(({ verb }) => verb)).toEqual([]);
});

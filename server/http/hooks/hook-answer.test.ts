import { expect, it } from 'vitest';
import { endedAnswer } from './hook-answer';

it('passes on headers of the answer alone, none that act on the origin or in its name', () => {
  const headers = {
    'Content-Type': 'text/csv',
    'x-total': '3',
    'cache-control': 'no-store',
    'alt-svc': 'h3="evil.example:443"',
    'report-to': '{}',
    nel: '{}',
    refresh: '0; url=//evil.example',
    'www-authenticate': 'Basic realm="Heddle"',
    'x-content-type-options': 'none',
    'set-cookie': 'a=b',
  };
  const answer = endedAnswer({ runId: 'r', status: 'succeeded', respond: { status: 200, headers, body: 'a,b' } });
  expect(answer.headers).toEqual({
    'content-type': 'text/csv',
    'x-total': '3',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': 'sandbox',
  });
});

import { TRPCError } from '@trpc/server';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { Conflict, Invalid, NotFound, TooManyRequests } from '@/server/lib/errors';
import { errorFacts, toTrpcError } from './errors';

it('keeps what people may know of an expected failure', () => {
  expect(toTrpcError(new NotFound('This run'))).toMatchObject({ code: 'NOT_FOUND', message: 'This run does not exist.' });
  expect(errorFacts(toTrpcError(new Conflict('Changed.', { revision: 3 })))).toEqual({ reason: 'conflict', details: { revision: 3 } });
  expect(errorFacts(toTrpcError(new TooManyRequests('Wait.', 60)))).toEqual({ reason: 'too_many_requests', retryAfter: 60 });
  const invalid = toTrpcError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: new Invalid('No.', [{ path: 'a', message: 'b' }]) }));
  expect(invalid.code).toBe('UNPROCESSABLE_CONTENT');
  expect(errorFacts(invalid).problems).toEqual([{ path: 'a', message: 'b' }]);
});

it('names the places of an input that breaks a schema', () => {
  const { error } = z.strictObject({ n: z.number() }).safeParse({ n: 'x', extra: 1 });
  const mapped = toTrpcError(new TRPCError({ code: 'BAD_REQUEST', cause: error }));
  expect(mapped.code).toBe('UNPROCESSABLE_CONTENT');
  expect(errorFacts(mapped).problems?.map((p) => p.path)).toEqual(['n', '']);
});

it('shows of anything else the id under which it was logged, and the same id when mapped again', () => {
  const masked = toTrpcError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: new Error('password=hunter2 at 10.0.0.1') }));
  const { id } = errorFacts(masked);
  expect(masked.message).toBe(`Something went wrong on our side. It was logged as ${id}.`);
  expect(JSON.stringify([masked.message, errorFacts(masked)])).not.toContain('hunter2');
  expect(toTrpcError(masked).message).toBe(masked.message);
});

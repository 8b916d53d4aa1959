import { expect, it } from 'vitest';
import { isConnectionLoss, isOfTheMoment, isSerialization } from './database-errors';

const coded = (code: string) => Object.assign(new Error('x'), { code });

it('tells what passes from what stays, as pg and Prisma put it', () => {
  for (const code of ['40P01', '40001', '55P03', '53100', '53300', '57014', '57P01', '08006', 'ECONNRESET', 'EAI_AGAIN', 'P1001', 'P2024', 'P2028']) {
    expect([code, isOfTheMoment(coded(code))]).toEqual([code, true]);
  }
  for (const code of ['22P05', '22P02', '23505', 'HD409', '42601', 'ERR_INVALID_ARG_TYPE', 'P2002', 'internal']) {
    expect([code, isOfTheMoment(coded(code))]).toEqual([code, false]);
  }
  const prisma = { code: 'P2010', message: 'Raw query failed', meta: { driverAdapterError: { cause: { originalCode: '40P01' } } } };
  expect(isOfTheMoment(prisma)).toBe(true);
  expect(isOfTheMoment({ meta: { driverAdapterError: { cause: { kind: 'TooManyConnections' } } } })).toBe(true);
  expect(isOfTheMoment(new Error('timeout exceeded when trying to connect'))).toBe(true);
  expect([isOfTheMoment(undefined), isOfTheMoment(null), isConnectionLoss(undefined), isSerialization(undefined)]).toEqual([false, false, false, false]);
});

it('knows a connection that is lost from a transaction that was undone', () => {
  expect(['57P01', '08003', 'ECONNRESET', 'EPIPE'].map((code) => isConnectionLoss(coded(code)))).toEqual([true, true, true, true]);
  expect(['40P01', '57014', '53300', '55P03'].map((code) => isConnectionLoss(coded(code)))).toEqual([false, false, false, false]);
  expect(['40P01', '40001', '55P03'].map((code) => isSerialization(coded(code)))).toEqual([true, true, false]);
});

import { describe, expect, it } from 'vitest';
import { explainConnection, placeOf } from '@/server/db/connect-owner';
import { Backoff } from './backoff';
import { parsePostmasterPid } from './postgres-leftover';
import { createProgress } from './progress';
import { acceptsBrotli } from './static-files';
import { localUrl } from './supervisor';

describe('Backoff', () => {
  it('doubles with quick deaths up to half a minute, and begins anew after a healthy minute', () => {
    const backoff = new Backoff();
    expect([10, 10, 10, 10, 10, 10, 10, 10].map((ms) => backoff.after(ms))).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    expect(backoff.after(61_000)).toBe(500);
  });
});

describe('parsePostmasterPid', () => {
  it('reads process and folder, and refuses what PostgreSQL did not write', () => {
    expect(parsePostmasterPid('4321\n/home/me/.heddle/postgres\n1790000000\n5432\n')).toEqual({ pid: 4321, data: '/home/me/.heddle/postgres' });
    for (const text of ['', 'abc', '0', '1', '-5\n/x']) expect(parsePostmasterPid(text)).toBeUndefined();
  });
});

describe('localUrl', () => {
  it('is what a browser on this machine opens', () => {
    expect(localUrl('127.0.0.1', 3000)).toBe('http://localhost:3000');
    expect(localUrl('0.0.0.0', 80)).toBe('http://localhost:80');
    expect(localUrl('10.1.2.3', 3000)).toBe('http://10.1.2.3:3000');
    expect(localUrl('fd00::1', 3000)).toBe('http://[fd00::1]:3000');
  });
});

describe('acceptsBrotli', () => {
  it.each([
    ['gzip, deflate, br, zstd', true],
    ['br;q=0.5', true],
    ['br;q=0', false],
    ['br;q=0.0, gzip', false],
    ['gzip', false],
    ['brotli', false],
    [undefined, false],
  ])('%s: %s', (header, expected) => expect(acceptsBrotli(header)).toBe(expected));
});

describe('progress in a log', () => {
  it('is one plain line a fact', () => {
    const lines: string[] = [];
    const progress = createProgress({ isTTY: false, write: (text) => lines.push(text) });
    const step = progress.step('Starting PostgreSQL');
    step.update('Creating the database');
    step.done('Database ready');
    expect(lines.join('')).toMatch(/^heddle {2}Starting PostgreSQL …\nheddle {2}Creating the database …\nheddle {2}Database ready \(\d+\.\d s\)\n$/);
    expect(lines.join('')).not.toContain('\x1b');
  });
});

describe('connection problems', () => {
  const url = 'postgresql://me:secret@db.example.com:5433/heddle';
  it.each(['ECONNREFUSED', 'ENOTFOUND', '28P01', '3D000', '53300', 'XX000'])('%s names the variable and the place, never the password', (code) => {
    const { message } = explainConnection(url, Object.assign(new Error('as PostgreSQL says'), { code }));
    expect(message).toMatch(/^DATABASE_URL: /);
    expect(message).toContain(placeOf(url));
    expect(message).not.toContain('secret');
  });
});

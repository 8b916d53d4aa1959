import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HomeLocked, lockHolder, takeHomeLock } from './home-lock';
import { identityOf, waitForExit } from './process-identity';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'heddle-lock-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('the lock of HEDDLE_HOME', () => {
  it('is refused while its holder lives, naming command and process, and free again after', () => {
    const release = takeHomeLock(home, 'heddle start');
    expect(() => takeHomeLock(home, 'heddle start')).toThrow(HomeLocked);
    expect(() => takeHomeLock(home, 'heddle start')).toThrow(new RegExp(`heddle start.*process ${process.pid}`));
    release();
    expect(lockHolder(home)).toBeUndefined();
    takeHomeLock(home, 'heddle bootstrap')();
  });

  it('is taken over from a process that was killed', async () => {
    const child = spawn('sleep', ['60']);
    writeFileSync(join(home, 'lock'), JSON.stringify({ ...identityOf(child.pid ?? 0), command: 'heddle start' }));
    expect(() => takeHomeLock(home, 'heddle start')).toThrow(HomeLocked);
    child.kill('SIGKILL');
    await waitForExit(child.pid ?? 0, 2_000);
    takeHomeLock(home, 'heddle start')();
  });

  it('is taken over when another process got the same id, and when it was cut off in writing', () => {
    writeFileSync(join(home, 'lock'), JSON.stringify({ pid: process.pid, start: 'long ago', command: 'heddle start' }));
    const release = takeHomeLock(home, 'heddle start');
    expect(JSON.parse(readFileSync(join(home, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    release();
    writeFileSync(join(home, 'lock'), '{"pid": 12');
    takeHomeLock(home, 'heddle start')();
  });
});

import { writeFile } from 'node:fs/promises';
import type { Installation, WorkerProcess } from './installation';
import type { Random } from './random';

export const faultKinds = [
  'worker.kill',
  'web.kill',
  'postgres.kill',
  'backend.kill',
  'backend.terminate',
  'net.cut',
  'net.stall',
  'db.slow',
  'clock.skew',
  'worker.stop',
  'host.loss',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** How often each kind comes in a long schedule, relative to the others. */
const weights: Record<FaultKind, number> = {
  'worker.kill': 5,
  'web.kill': 3,
  'postgres.kill': 2,
  'backend.kill': 1,
  'backend.terminate': 2,
  'net.cut': 2,
  'net.stall': 2,
  'db.slow': 2,
  'clock.skew': 2,
  'worker.stop': 2,
  'host.loss': 1,
};

/** A fault as the seed wants it; what it hits is decided by the seed too. */
export interface PlannedFault {
  kind: FaultKind;
  /** which worker, by its place in the list */
  worker: number;
  /** ms it lasts, where it lasts */
  lasts: number;
  /** ms after the one before */
  after: number;
  /** ms of clock or delay, a share of something: what the kind makes of it */
  amount: number;
}

/** A fault as it happened. */
export interface Fault extends PlannedFault {
  at: number;
  endedAt?: number;
  target: string;
  note?: string;
  /** runs whose resumption is measured: what the worker held when it died */
  held?: HeldRun[];
}

export interface HeldRun {
  runId: string;
  organizationId: string;
}

/** The seed's schedule: every kind at least once when there is room, then by weight, in random order. */
export function planFaults(random: Random, count: number, workers: number, only: string[]): PlannedFault[] {
  const kinds = only.length > 0 ? faultKinds.filter((k) => only.includes(k)) : [...faultKinds];
  if (kinds.length === 0) throw new Error(`no such fault; there are ${faultKinds.join(', ')}`);
  const pool = kinds.flatMap((kind) => Array.from({ length: weights[kind] }, () => kind));
  const chosen: FaultKind[] = random.shuffle(kinds).slice(0, count);
  while (chosen.length < count) chosen.push(random.pick(pool));
  return random.shuffle(chosen).map((kind) => ({
    kind,
    worker: random.whole(workers),
    lasts: Math.round(random.between(...durations[kind])),
    after: Math.round(random.between(1_000, 4_500)),
    amount: amountOf(kind, random),
  }));
}

const durations: Record<FaultKind, [number, number]> = {
  'worker.kill': [0, 0],
  'web.kill': [0, 0],
  'postgres.kill': [0, 0],
  'backend.kill': [0, 0],
  'backend.terminate': [0, 0],
  'net.cut': [1_000, 5_000],
  // longer than peers wait for a sign of life, in a third of the cases
  'net.stall': [3_000, 42_000],
  'db.slow': [3_000, 8_000],
  'clock.skew': [4_000, 15_000],
  'worker.stop': [3_000, 42_000],
  'host.loss': [32_000, 45_000],
};

function amountOf(kind: FaultKind, random: Random): number {
  if (kind === 'clock.skew') return (random.next() < 0.5 ? -1 : 1) * 300_000;
  if (kind === 'db.slow') return Math.round(random.between(30, 150));
  return random.next();
}

/** Does what the plan says and resolves when it is over. */
export async function strike(installation: Installation, plan: PlannedFault, note: (fault: Fault) => void): Promise<void> {
  const worker = installation.workers[plan.worker] as WorkerProcess;
  const fault: Fault = { ...plan, at: Date.now(), target: targetOf(plan, worker) };
  try {
    await acts[plan.kind](installation, worker, fault, () => {
      fault.at = Date.now();
      note(fault);
    });
  } catch (error) {
    fault.note = `not done: ${(error as Error).message}`;
    note(fault);
  }
  fault.endedAt = Date.now();
}

function targetOf({ kind }: PlannedFault, worker: WorkerProcess): string {
  if (kind === 'web.kill') return 'web';
  return kind === 'postgres.kill' || kind === 'backend.kill' ? 'postgres' : worker.name;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
type Act = (installation: Installation, worker: WorkerProcess, fault: Fault, begun: () => void) => Promise<void>;

const acts: Record<FaultKind, Act> = {
  'worker.kill': async (installation, worker, fault, begun) => {
    fault.held = await heldBy(installation, worker).catch(() => undefined);
    begun();
    worker.process.signal('SIGKILL');
  },
  'web.kill': async ({ web }, _worker, _fault, begun) => {
    begun();
    web.signal('SIGKILL');
  },
  'postgres.kill': async ({ database }, _worker, _fault, begun) => {
    begun();
    process.kill(database.pid, 'SIGKILL');
  },
  'backend.kill': async ({ database }, _worker, fault, begun) => {
    const backends = await database.ask<{ pid: number; name: string }>(
      `SELECT pid, application_name AS name FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name LIKE 'heddle%' ORDER BY pid`,
    );
    const victim = backends[Math.floor(fault.amount * backends.length)];
    if (!victim) throw new Error('nobody is connected');
    fault.note = victim.name;
    begun();
    process.kill(victim.pid, 'SIGKILL');
  },
  'backend.terminate': async ({ database }, worker, fault, begun) => {
    const backends = await database.ask<{ pid: number; name: string }>(
      `SELECT pid, application_name AS name FROM pg_stat_activity WHERE client_port = ANY($1::int[]) ORDER BY pid`,
      [worker.proxy.serverSidePorts],
    );
    const victim = backends[Math.floor(fault.amount * backends.length)];
    if (!victim) throw new Error('nobody is connected');
    fault.note = victim.name;
    begun();
    await database.ask('SELECT pg_terminate_backend($1)', [victim.pid]);
  },
  'net.cut': (_installation, worker, fault, begun) => through(worker, 'cut', fault, begun),
  'net.stall': (_installation, worker, fault, begun) => through(worker, 'stall', fault, begun),
  'db.slow': (_installation, worker, fault, begun) => through(worker, 'slow', fault, begun),
  'clock.skew': async (_installation, worker, fault, begun) => {
    fault.note = `${fault.amount > 0 ? '+' : '−'}5 min`;
    await writeFile(worker.clock, String(fault.amount));
    begun();
    worker.process.signal('SIGUSR2');
    await wait(fault.lasts);
    await writeFile(worker.clock, '0');
    worker.process.signal('SIGUSR2');
  },
  'worker.stop': async (_installation, worker, fault, begun) => {
    begun();
    worker.process.signal('SIGSTOP');
    await wait(fault.lasts);
    worker.process.signal('SIGCONT');
  },
  // a machine that loses its power: the process is gone and says nothing; its connections stand until somebody misses it
  'host.loss': async (_installation, worker, fault, begun) => {
    begun();
    worker.proxy.set('stall');
    worker.process.signal('SIGKILL');
    await wait(fault.lasts);
    worker.proxy.set('cut');
    worker.proxy.set('pass');
  },
};

async function through(worker: WorkerProcess, mode: 'cut' | 'stall' | 'slow', fault: Fault, begun: () => void): Promise<void> {
  if (mode === 'slow') fault.note = `${fault.amount} ms each way`;
  begun();
  worker.proxy.set(mode, fault.amount);
  await wait(fault.lasts);
  worker.proxy.set('pass');
}

/** The runs a worker has leased at this moment. Its lock names it: the connection that holds it comes from its proxy. */
export async function heldBy({ database }: Installation, worker: WorkerProcess): Promise<HeldRun[]> {
  return database.ask<{ runId: string; organizationId: string }>(
    `SELECT q.run_id AS "runId", q.organization_id AS "organizationId" FROM run_queue q
      WHERE q.state = 1 AND q.worker_id IN (
        SELECT l.objid::int FROM pg_locks l JOIN pg_stat_activity a USING (pid)
         WHERE l.locktype = 'advisory' AND l.classid = 7701 AND l.granted AND a.client_port = ANY($1::int[]))`,
    [worker.proxy.serverSidePorts],
  );
}

import { LRUCache } from 'lru-cache';
import { StepError } from '@/core/node/executor';
import { logger } from '@/server/lib/logger';
import { Listener } from '@/server/queue/listener';
import { CallCounts } from './call-counts';
import { forgetQuietCircuits, type Probe, probeTargets, readOpenCircuits, renewProbes, reportCalls, settleProbes } from './circuit-store';
import { type CallOutcome, circuitPolicy } from './policy';

/** A breaker that is not closed, as this process knows it. */
interface OpenCircuit {
  organizationId: string;
  target: string;
  /** monotonic ms: from then on a call may ask to be the probe */
  retryAt: number;
  lastError: string | null;
  /** a call of this process is asking, or probing */
  probing: boolean;
}

/** What a call holds that was let through: the probes it makes. */
export interface Permit {
  organizationId: string;
  targets: string[];
  probes?: Probe[];
  renewing?: NodeJS.Timeout;
}

const mostTargets = 20_000;
const tidyMs = 3_600_000;
const keyOf = (organizationId: string, target: string): string => `${organizationId}|${target}`;

/**
 * The breakers of all organizations, as one process sees them. Whether a call may be made is looked up in memory; what the calls came to is counted
 * in memory, and told to the database only of targets that fail. Other processes learn of a change through NOTIFY.
 */
export class CircuitBreaker {
  private readonly open = new Map<string, OpenCircuit>();
  private readonly counts = new LRUCache<string, CallCounts>({ max: mostTargets });
  private readonly dirty = new Set<CallCounts>();
  private timer: NodeJS.Timeout | undefined;
  private tidying: NodeJS.Timeout | undefined;
  private reporting: Promise<void> | undefined;
  private lastReport = Number.NEGATIVE_INFINITY;
  private closed = false;
  /** ms to add to this machine's clock for the database's */
  private skew = 0;
  private readonly listener = new Listener(
    'circuit listener',
    { heddle_circuit: (payload) => this.onChange(payload) },
    () => void this.reload().catch(() => {}),
  );

  /** Learns which breakers are open, and listens from then on. */
  async start(): Promise<void> {
    await this.listener.start();
    await this.reload();
    this.tidying = setInterval(() => void forgetQuietCircuits().catch(() => {}), tidyMs).unref();
  }

  /** Tells what is still untold and lets go of the database. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.tidying);
    await this.reporting;
    await this.report().catch(() => {});
    await this.listener.close();
  }

  /** Lets a call to all of these targets pass; rejects or throws StepError `circuit_open` when one of them is open. Synchronous while all are closed. */
  enter(organizationId: string, targets: string[]): Permit | Promise<Permit> {
    if (this.open.size === 0) return { organizationId, targets };
    const due: OpenCircuit[] = [];
    const now = performance.now();
    for (const target of targets) {
      const circuit = this.open.get(keyOf(organizationId, target));
      if (!circuit) continue;
      if (circuit.probing) throw this.refusal(circuit, circuitPolicy.probingMs);
      if (circuit.retryAt > now) throw this.refusal(circuit, circuit.retryAt - now);
      due.push(circuit);
    }
    return due.length === 0 ? { organizationId, targets } : this.probe(organizationId, targets, due);
  }

  private async probe(organizationId: string, targets: string[], due: OpenCircuit[]): Promise<Permit> {
    for (const circuit of due) circuit.probing = true;
    const asked = due.map((c) => c.target);
    const answer = await probeTargets(organizationId, asked).catch((error: unknown) => {
      for (const circuit of due) circuit.probing = false;
      throw error;
    });
    if ('denied' in answer) {
      for (const circuit of due) circuit.probing = false;
      const inTheWay = due.find((c) => c.target === answer.denied) ?? (due[0] as OpenCircuit);
      // another process probes: its outcome is told, and a lost one is noticed soon
      const remaining = Math.min(answer.remaining, circuitPolicy.probingMs);
      inTheWay.retryAt = performance.now() + remaining;
      throw this.refusal(inTheWay, remaining);
    }
    const probed = new Set(answer.probes.map((p) => p.target));
    for (const circuit of due) if (!probed.has(circuit.target)) this.open.delete(keyOf(organizationId, circuit.target)); // closed meanwhile
    const permit: Permit = { organizationId, targets, probes: answer.probes };
    permit.renewing = setInterval(() => void renewProbes(organizationId, answer.probes).catch(() => {}), circuitPolicy.renewMs).unref();
    return permit;
  }

  /** Counts how a call ended, by target, and settles its probes. */
  async leave(permit: Permit, outcomeOf: (target: string) => CallOutcome): Promise<void> {
    const { organizationId, probes, renewing } = permit;
    clearInterval(renewing);
    const probed = new Set(probes?.map((p) => p.target));
    for (const target of permit.targets) if (!probed.has(target)) this.count(organizationId, target, outcomeOf(target));
    if (!probes || probes.length === 0) return;
    const outcomes = probes.map((p) => outcomeOf(p.target));
    const failed = outcomes.find((o) => o !== 'neutral' && !o.ok);
    try {
      const settled = await settleProbes(
        organizationId,
        probes,
        outcomes.map((o) => (o === 'neutral' ? null : o.ok)),
        failed ? errorText(failed) : undefined,
      );
      for (const { target, state, remaining } of settled) this.know(organizationId, target, state, remaining, undefined);
    } catch (error) {
      logger.warn({ err: error }, 'the outcome of a probe could not be told; another call probes soon');
    } finally {
      for (const { target } of probes) {
        const circuit = this.open.get(keyOf(organizationId, target));
        if (circuit) circuit.probing = false;
      }
    }
  }

  private count(organizationId: string, target: string, outcome: CallOutcome): void {
    if (outcome === 'neutral') return;
    const key = keyOf(organizationId, target);
    if (this.open.has(key)) return; // a call from before it opened says nothing new
    let counts = this.counts.get(key);
    if (!counts) {
      counts = new CallCounts(organizationId, target);
      this.counts.set(key, counts);
    }
    const now = performance.now();
    counts.add(!outcome.ok, now);
    if (!outcome.ok) {
      counts.error = errorText(outcome);
      counts.watchedUntil = now + circuitPolicy.windowMs;
    }
    if (counts.watchedUntil > now) this.reportSoon(counts);
  }

  private reportSoon(counts: CallCounts): void {
    this.dirty.add(counts);
    if (this.timer || this.reporting || this.closed) return;
    const wait = Math.max(0, this.lastReport + circuitPolicy.reportMs - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.lastReport = performance.now();
      this.reporting = this.report()
        .catch((error) => logger.warn({ err: error }, 'failed calls could not be counted'))
        .finally(() => {
          this.reporting = undefined;
          const [next] = this.dirty;
          if (next) this.reportSoon(next);
        });
    }, wait).unref();
  }

  private async report(): Promise<void> {
    const told = [...this.dirty];
    this.dirty.clear();
    const now = performance.now();
    const rows = told.flatMap((counts) => {
      const { organizationId, target, error } = counts;
      return counts.take(now).map((bucket) => ({ organizationId, target, error, ...bucket }));
    });
    for (const counts of told) counts.error = undefined;
    if (rows.length === 0) return;
    // counts that are lost with the connection are counted anew by the calls that follow
    for (const c of await reportCalls(rows)) this.know(c.organizationId, c.target, c.state, c.remaining, c.lastError);
  }

  private onChange(payload: string): void {
    const [organizationId, target, state, remaining, lastError] = JSON.parse(payload) as [string, string, string, number, string | null];
    this.know(organizationId, target, state, remaining, lastError);
    // somewhere else it began to fail: what was counted here belongs to the picture
    const counts = state === 'closed' ? this.counts.get(keyOf(organizationId, target)) : undefined;
    if (!counts) return;
    counts.watchedUntil = performance.now() + circuitPolicy.windowMs;
    if (!counts.empty) this.reportSoon(counts);
  }

  private know(organizationId: string, target: string, state: string, remaining: number, lastError: string | null | undefined): void {
    const key = keyOf(organizationId, target);
    const known = this.open.get(key);
    if (state === 'closed') {
      if (known) this.counts.get(key)?.clear();
      this.open.delete(key);
      return;
    }
    const retryAt = performance.now() + (state === 'half_open' ? Math.min(remaining, circuitPolicy.probingMs) : remaining);
    this.open.set(key, { organizationId, target, retryAt, lastError: lastError ?? known?.lastError ?? null, probing: known?.probing ?? false });
  }

  private refusal(circuit: OpenCircuit, remaining: number): StepError {
    return circuitOpen(circuit, new Date(Date.now() + this.skew + remaining).toISOString());
  }

  private async reload(): Promise<void> {
    const { circuits: rows, now } = await readOpenCircuits();
    this.skew = now - Date.now();
    const there = new Set(rows.map((r) => keyOf(r.organizationId, r.target)));
    for (const [key, circuit] of this.open) if (!there.has(key) && !circuit.probing) this.open.delete(key);
    for (const r of rows) this.know(r.organizationId, r.target, r.state, r.remaining, r.lastError);
  }
}

function errorText({ code, message }: { code: string; message: string }): string {
  return JSON.stringify({ code, message });
}

/** The failure of a step whose target is not called at present. Its next attempt waits for `until` (by the database's clock) at least. */
function circuitOpen({ target, lastError }: OpenCircuit, until: string): StepError {
  const { code, message } = JSON.parse(lastError ?? '{}') as { code?: string; message?: string };
  const reason = code === 'tripped' ? ` ${message}` : message ? ` Most of its recent calls failed, the last with: ${message}` : '';
  // the message outlives the moment: an old run still shows it
  const moment = new Date(until).toISOString().slice(0, 19).replace('T', ' ');
  return new StepError('circuit_open', `Calls ${towards(target)} are stopped until ${moment} UTC (circuit breaker).${reason}`, { details: { target, until } });
}

/** A target in words, behind `Calls`. */
function towards(target: string): string {
  const name = target.slice(target.indexOf(':') + 1);
  if (target.startsWith('credential:')) return `with the credential ${name}`;
  return target.startsWith('model:') ? `to the model ${name}` : `to ${name}`;
}

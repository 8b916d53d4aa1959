import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { deadLetterTotals } from '@/server/dead-letters';
import { eventCounts, undispatchedEvents } from '@/server/events';
import { waitingRequests } from './waiting';

/** What kind of request it was: paths hold ids, so they are no labels. */
export const routeClasses = ['api', 'hooks', 'system'] as const;
export type RouteClass = (typeof routeClasses)[number];

const registry = new Registry();
collectDefaultMetrics({ register: registry });

const requests = new Counter({
  name: 'heddle_http_requests_total',
  help: 'Requests of machines, by kind and class of status',
  labelNames: ['class', 'status'],
  registers: [registry],
});
const durations = new Histogram({
  name: 'heddle_http_request_seconds',
  help: 'Time until the answer was handed over, by kind',
  labelNames: ['class'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  registers: [registry],
});
const accepted = new Counter({
  name: 'heddle_runs_accepted_total',
  help: 'Runs accepted by this process, by what started them',
  labelNames: ['trigger'],
  registers: [registry],
});
new Gauge({
  name: 'heddle_http_waiting',
  help: 'Requests that wait for a run, event streams included',
  registers: [registry],
  collect() {
    this.set(waitingRequests.inFlight);
  },
});

new Counter({
  name: 'heddle_dead_letters_total',
  help: 'Runs that became dead letters since the installation was made, by reason',
  labelNames: ['reason'],
  registers: [registry],
  async collect() {
    // a database that is away must not keep a scrape from the rest
    const totals = await deadLetterTotals().catch(() => undefined);
    if (!totals) return;
    this.reset();
    for (const [reason, n] of Object.entries(totals)) this.inc({ reason }, n);
  },
});

const events = new Counter({
  name: 'heddle_events_total',
  help: 'Events this process published, filters of triggers and waits that failed in it, and runs it started by events',
  labelNames: ['what'],
  registers: [registry],
});
new Gauge({
  name: 'heddle_events_undispatched',
  help: 'Stored events that no worker has dispatched yet, counted up to 10,000',
  registers: [registry],
  async collect() {
    const waiting = await undispatchedEvents().catch(() => undefined);
    if (waiting !== undefined) this.set(waiting);
  },
});

/** Label look-ups cost a string and a hash each: the hot path counts into arrays, a scrape moves them over. */
const counts = new Map(routeClasses.map((name) => [name, [0, 0, 0, 0, 0, 0]]));
const observers = new Map(routeClasses.map((name) => [name, durations.labels({ class: name })]));
const runs = { api: 0, webhook: 0 };

/** Notes an answered request; `since` is performance.now() of its arrival. */
export function countRequest(kind: RouteClass, status: number, since: number): void {
  const of = counts.get(kind);
  const slot = Math.floor(status / 100);
  if (of) of[slot] = (of[slot] ?? 0) + 1;
  observers.get(kind)?.observe((performance.now() - since) / 1000);
}

/** Notes a run this process accepted. */
export function countRun(trigger: 'api' | 'webhook'): void {
  runs[trigger]++;
}

/** Prometheus text. */
export async function metricsText(): Promise<{ text: string; contentType: string }> {
  for (const [kind, of] of counts) {
    of.forEach((n, slot) => {
      if (n > 0) requests.inc({ class: kind, status: `${slot}xx` }, n);
      of[slot] = 0;
    });
  }
  for (const trigger of ['api', 'webhook'] as const) {
    accepted.inc({ trigger }, runs[trigger]);
    runs[trigger] = 0;
  }
  events.reset();
  for (const [what, n] of Object.entries(eventCounts)) events.inc({ what }, n);
  return { text: await registry.metrics(), contentType: registry.contentType };
}

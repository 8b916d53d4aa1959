import type { Installation, Organization } from './installation';
import type { Random } from './random';
import type { Catalogue, Published } from './workflows';

export type Way = 'rest' | 'hook 202' | 'hook 200';
export type Kind = 'twenty' | 'family' | 'poison' | 'greedy';

/** A run Heddle said yes to: from then on it must not be lost. */
export interface Acknowledged {
  runId: string;
  n: number;
  way: Way;
  kind: Kind;
  status: number;
}

const requestsAtOnce = 48;

/** Clients: they start runs and note what was acknowledged. With an Idempotency-Key they try again until it is. */
export class Load {
  readonly acknowledged = new Map<string, Acknowledged>();
  /** input.n of requests with a key that were acknowledged: each stands for one run, no more */
  readonly keyed = new Set<number>();
  /** by answer: 202, 503, ECONNRESET … */
  readonly answers = new Map<string, number>();
  private n = 0;
  private open = 0;
  /** requests that are answered at once, under way */
  private opening = 0;
  private stopped = false;
  private keeper: Promise<void> | undefined;

  constructor(
    private readonly installation: Installation,
    private readonly catalogue: Catalogue,
    private readonly random: Random,
  ) {}

  /** Keeps that many runs in flight until `stop`. */
  keep(inFlight: number): void {
    this.keeper = this.fill(inFlight);
  }

  private async fill(inFlight: number): Promise<void> {
    while (!this.stopped) {
      const rows = await this.installation.database.ask<{ n: number }>('SELECT count(*)::int AS n FROM run_queue').catch(() => []);
      const present = rows[0]?.n;
      // while the database is away nobody can be started; requests under way may become runs
      if (present !== undefined) {
        const missing = Math.min(inFlight - present - this.opening, requestsAtOnce - this.opening);
        for (let i = 0; i < missing; i++) void this.startAny();
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private async startAny(): Promise<void> {
    // an answer that comes with the run's end is not waited for
    if (this.random.next() < 0.15) return void this.startOne('hook 200');
    this.opening++;
    await this.startOne(this.random.next() < 0.6 ? 'rest' : 'hook 202').finally(() => this.opening--);
  }

  /** Stops starting; resolves when every request has its answer. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.keeper;
    const end = Date.now() + 90_000;
    while (this.open > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  private startOne(way: Way): Promise<void> {
    const { accepted, answered, family } = this.catalogue;
    const keyed = this.random.next() < 0.7;
    const kind = way === 'rest' && this.random.next() < 0.3 ? 'family' : 'twenty';
    return this.start(way, kind, this.random.pick(kind === 'family' ? family : way === 'hook 200' ? answered : accepted), keyed);
  }

  /** Starts a run that is not of the ordinary kind; resolves with its id. */
  async startOdd(kind: Kind, workflow: Published): Promise<string> {
    const n = this.n;
    await this.start('rest', kind, workflow, true);
    for (const run of this.acknowledged.values()) if (run.n === n) return run.runId;
    throw new Error(`a ${kind} run was never acknowledged`);
  }

  private async start(way: Way, kind: Kind, workflow: Published, keyed: boolean): Promise<void> {
    const n = this.n++;
    this.open++;
    try {
      for (let attempt = 0; attempt < 200; attempt++) {
        const answer = await this.request(way, workflow, n, keyed).catch((error) => ({ status: causeOf(error), runId: undefined }));
        this.answers.set(String(answer.status), (this.answers.get(String(answer.status)) ?? 0) + 1);
        if (answer.runId) {
          this.acknowledged.set(answer.runId, { runId: answer.runId, n, way, kind, status: Number(answer.status) });
          if (keyed) this.keyed.add(n);
          return;
        }
        // without a key nobody knows whether it was taken, and a second try might double it
        if (!keyed && typeof answer.status === 'string') return;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    } finally {
      this.open--;
    }
  }

  private async request(way: Way, workflow: Published, n: number, keyed: boolean): Promise<{ status: number | string; runId: string | undefined }> {
    const { url } = this.installation;
    const address = way === 'rest' ? `${url}/api/v1/workflows/${workflow.id}/runs` : (workflow.hook ?? '');
    const response = await fetch(address, {
      method: 'POST',
      headers: headersOf(way, workflow.organization, keyed ? `chaos-${n}` : undefined),
      body: JSON.stringify(way === 'rest' ? { input: { n } } : { n }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (!response.ok) return { status: response.status, runId: undefined };
    const { runId, run = runId } = JSON.parse(text) as { runId?: string; run?: string };
    if (!run) throw new Error(`an answer ${response.status} without a run: ${text.slice(0, 200)}`);
    return { status: response.status, runId: run };
  }
}

function headersOf(way: Way, { apiKey }: Organization, key: string | undefined): Record<string, string> {
  return {
    'content-type': 'application/json',
    ...(way === 'rest' ? { authorization: `Bearer ${apiKey}` } : {}),
    ...(key ? { 'idempotency-key': key } : {}),
  };
}

function causeOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: string }; name?: string };
  return cause?.code ?? name ?? 'unknown';
}

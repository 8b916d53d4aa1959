import { createHash } from 'node:crypto';
import { ExpressionError } from '@/core/expression/expression-error';
import { type CompiledTemplate, compileTemplate } from '@/core/expression/template';
import type { Json, JsonObject, RateLimit, WorkflowSettings } from '@/core/workflow/workflow';
import { Invalid } from '@/server/lib/errors';

/** What limits one run: the gates it has to pass, in this order, and the keys under which its start may be another run's. */
export interface RunLimits {
  /** `NAME=CAP`, `rate:…=LIMIT/MS`; see migration 0501 */
  gates: string[];
  dedupe?: { key: string; window: number };
  debounce?: { key: string; wait: number; maxWait: number };
}

/** What the keys of limits may see. */
export interface LimitScope {
  input: Json;
  workflow: { name: string; version: number };
  env: JsonObject;
}

const periods: Record<RateLimit['per'], number> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** a debounced run that is started again and again begins at the latest after so many waits */
const longestDebounce = 10;

/** Whether a workflow with these settings names any limit; most do not, and pay nothing. */
export function isLimited(settings: WorkflowSettings): boolean {
  return settings.concurrency !== undefined || settings.rate !== undefined || settings.dedupe !== undefined || settings.debounce !== undefined;
}

/**
 * The limits of a start of the workflow. Gates are in order from narrow to wide, so that nobody keeps a place that others could use. Keys are hashed:
 * they may hold secrets, and names of gates are shown. Throws Invalid when a key cannot be evaluated.
 */
export function runLimits(workflowId: string, settings: WorkflowSettings, scope: LimitScope): RunLimits {
  const { concurrency, concurrencyKey, rate, dedupe, debounce } = settings;
  const hash = (text: string, place: string) => hashOf(keyValue(text, place, scope));
  const gates: string[] = [];
  if (concurrency !== undefined) {
    const name = concurrencyKey === undefined ? `workflow:${workflowId}` : `key:${workflowId}:${hash(concurrencyKey, 'concurrency.key')}`;
    gates.push(`${name}=${concurrency}`);
  }
  if (rate) {
    const name = rate.key === undefined ? `rate:${workflowId}` : `rate:${workflowId}:${hash(rate.key, 'rate.key')}`;
    const gate = `${name}=${rate.limit}/${periods[rate.per]}`;
    if (rate.key !== undefined && rate.key !== concurrencyKey) gates.unshift(gate);
    else gates.push(gate);
  }
  const limits: RunLimits = { gates };
  if (dedupe) limits.dedupe = { key: hash(dedupe.key, 'dedupe.key'), window: dedupe.window };
  if (debounce) {
    const { wait, key = '', maxWait = wait * longestDebounce } = debounce;
    limits.debounce = { key: hash(key, 'debounce.key'), wait, maxWait };
  }
  return limits;
}

/** Whether the keys of these settings need the variables of the project. */
export function needsVariables({ concurrencyKey, rate, dedupe, debounce }: WorkflowSettings): boolean {
  return [concurrencyKey, rate?.key, dedupe?.key, debounce?.key].some((text) => text !== undefined && /\b(env|workflow)\b/.test(text));
}

const compiled = new Map<string, CompiledTemplate>();

function keyValue(text: string, place: string, scope: LimitScope): Json {
  try {
    let template = compiled.get(text);
    if (!template) {
      template = compileTemplate(text);
      if (compiled.size >= 1_000) compiled.clear();
      compiled.set(text, template);
    }
    return template.evaluate({ ...scope });
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const path = `workflow.settings.${place}`;
    throw new Invalid(`${path}: ${error.message}`, [{ path, message: error.message }]);
  }
}

/** The same text for 1 and "1": keys come from JSON, forms and queries alike. */
function hashOf(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

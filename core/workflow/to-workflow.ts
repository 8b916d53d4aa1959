import { splitTemplate } from '@/core/expression/split-template';
import type { StepDocument, WorkflowDocument } from './awl-schema';
import { parseDuration } from './duration';
import type { Dependency, Json, JsonObject, OnError, RetryPolicy, Step, Trigger, Workflow, WorkflowSettings } from './workflow';

/** What a number of retries stands for. */
export const defaultRetry = { backoff: 'exponential', delay: 1_000, maxDelay: 60_000 } as const;

/** The setting that a trigger written with a text is about: `schedule: "0 9 * * *"`. */
export const shorthand: Record<string, string> = { schedule: 'cron', event: 'pattern', webhook: 'method' };

/** The graph of a document that fits the schema. */
export function toWorkflow(document: WorkflowDocument): Workflow {
  const { settings, sla } = document;
  return {
    name: document.name,
    ...defined({ title: document.title, description: document.description, input: document.input as JsonObject | undefined }),
    triggers: (document.triggers ?? []).map(toTrigger),
    settings: toSettings(settings ?? {}),
    ...defined({ sla: sla && defined({ maxDuration: ms(sla.maxDuration), successRate: sla.successRate, window: ms(sla.window) }) }),
    steps: document.steps.map(toStep),
    ...defined({ output: document.output as Json | undefined }),
    layout: document.layout ?? {},
  };
}

function toSettings({ concurrency, debounce, dedupe, rate, ...settings }: NonNullable<WorkflowDocument['settings']>): WorkflowSettings {
  const places = typeof concurrency === 'number' ? { limit: concurrency } : concurrency;
  return defined({
    timeout: ms(settings.timeout),
    concurrency: places?.limit,
    concurrencyKey: places && 'key' in places ? places.key : undefined,
    rate: rate && defined(rate),
    dedupe: dedupe && { key: dedupe.key, window: ms(dedupe.window) ?? 0 },
    debounce: debounce && defined({ wait: ms(debounce.wait) ?? 0, key: debounce.key, maxWait: ms(debounce.maxWait) }),
    priority: settings.priority,
    compensate: settings.compensate,
  });
}

/** The object without the properties that are undefined. */
function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function ms(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

function toTrigger(document: NonNullable<WorkflowDocument['triggers']>[number]): Trigger {
  if (typeof document === 'string') return { type: document, with: {} };
  const [type, settings] = Object.entries(document)[0] as [string, string | null | Record<string, unknown>];
  if (typeof settings === 'string') return { type, with: { [shorthand[type] ?? 'value']: settings } };
  return { type, with: (settings ?? {}) as JsonObject };
}

function toStep(document: StepDocument): Step {
  const settings = (document.with ?? {}) as JsonObject;
  return {
    id: document.id,
    ...defined({ title: document.title }),
    uses: document.agent === undefined ? (document.uses ?? 'pass') : 'agent',
    with: document.agent === undefined ? settings : { agent: document.agent, ...settings },
    dependsOn: dependencies(document.depends_on),
    ...defined({
      condition: document.condition === undefined ? undefined : bareExpression(String(document.condition)),
      timeout: ms(document.timeout),
      join: document.join === 'all' ? undefined : document.join,
      retry: toRetry(document.retry),
      onError: toOnError(document.on_error),
      compensate: document.compensate,
      steps: document.steps?.map(toStep),
      output: document.output as Json | undefined,
      notes: document.notes,
    }),
  };
}

function dependencies(document: StepDocument['depends_on']): Dependency[] {
  return (typeof document === 'string' ? [document] : (document ?? [])).map((text) => {
    const [step, port] = text.split('.') as [string, string | undefined];
    return port === undefined ? { step } : { step, port };
  });
}

/** A condition is an expression without braces; one that is written as `{{ }}` out of habit means the same. */
function bareExpression(text: string): string {
  if (!text.trimStart().startsWith('{{')) return text;
  try {
    const [only, ...others] = splitTemplate(text.trim());
    return typeof only === 'object' && others.length === 0 ? only.expression : text;
  } catch {
    return text; // validation says what is wrong with it
  }
}

function toRetry(document: StepDocument['retry']): RetryPolicy | undefined {
  if (document === undefined) return undefined;
  if (typeof document === 'number') return { attempts: document, ...defaultRetry };
  return {
    attempts: document.attempts,
    backoff: document.backoff ?? defaultRetry.backoff,
    delay: ms(document.delay) ?? defaultRetry.delay,
    maxDelay: ms(document.maxDelay) ?? defaultRetry.maxDelay,
    ...defined({ jitter: document.jitter === false ? false : undefined, on: document.on, except: document.except }),
  };
}

function toOnError(document: StepDocument['on_error']): OnError | undefined {
  if (document === undefined) return undefined;
  if (typeof document === 'string') return { kind: document };
  if ('goto' in document) return { kind: 'goto', step: document.goto };
  if ('version' in document) return { kind: 'version', version: document.version };
  return { kind: 'fallback', value: document.fallback as Json };
}

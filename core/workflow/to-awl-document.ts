import { formatDuration } from './duration';
import { defaultRetry, shorthand } from './to-workflow';
import type { Dependency, Json, JsonObject, OnError, RetryPolicy, Step, Trigger, Workflow, WorkflowSettings } from './workflow';

/** The workflow as the document that is stored and exported; parseAwl reads back the same workflow. */
export function toAwlDocument(workflow: Workflow): JsonObject {
  const { settings, sla } = workflow;
  return {
    workflow: present({
      name: workflow.name,
      title: workflow.title,
      description: workflow.description,
      input: workflow.input,
      triggers: workflow.triggers.length > 0 ? workflow.triggers.map(fromTrigger) : undefined,
      settings: fromSettings(settings),
      sla: sla && present({ maxDuration: duration(sla.maxDuration), successRate: sla.successRate, window: duration(sla.window) }),
      steps: workflow.steps.map(fromStep),
      output: workflow.output,
      layout: filled(Object.fromEntries(Object.entries(workflow.layout).map(([key, { x, y }]) => [key, { x, y }]))),
    }),
  };
}

function present(object: { [key: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(object).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

/** Like present, but nothing at all when no property is left. */
function filled(object: { [key: string]: Json | undefined }): JsonObject | undefined {
  const result = present(object);
  return Object.keys(result).length > 0 ? result : undefined;
}

function fromSettings({ concurrency, concurrencyKey, rate, dedupe, debounce, ...settings }: WorkflowSettings): JsonObject | undefined {
  return filled({
    timeout: duration(settings.timeout),
    concurrency: concurrency !== undefined && concurrencyKey !== undefined ? { limit: concurrency, key: concurrencyKey } : concurrency,
    rate: rate && present({ ...rate }),
    dedupe: dedupe && { key: dedupe.key, window: formatDuration(dedupe.window) },
    debounce: debounce && present({ wait: formatDuration(debounce.wait), key: debounce.key, maxWait: duration(debounce.maxWait) }),
    priority: settings.priority,
    compensate: settings.compensate,
  });
}

function duration(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : formatDuration(ms);
}

/** An event is written short; the others keep the form in which their versions were stored. */
function fromTrigger(trigger: Trigger): Json {
  const { [shorthand.event as string]: pattern, ...rest } = trigger.with;
  if (trigger.type === 'event' && typeof pattern === 'string' && Object.keys(rest).length === 0) return { event: pattern };
  return Object.keys(trigger.with).length === 0 ? trigger.type : { [trigger.type]: trigger.with };
}

function fromStep(step: Step): JsonObject {
  const { agent, ...rest } = step.with;
  const short = step.uses === 'agent' && typeof agent === 'string' && agent.length <= 64;
  const settings = short ? rest : step.with;
  return present({
    id: step.id,
    title: step.title,
    uses: short || step.uses === 'pass' ? undefined : step.uses,
    agent: short ? agent : undefined,
    with: filled(settings),
    depends_on: step.dependsOn.length > 0 ? step.dependsOn.map(fromDependency) : undefined,
    join: step.join,
    condition: step.condition,
    timeout: duration(step.timeout),
    retry: step.retry && fromRetry(step.retry),
    on_error: step.onError && fromOnError(step.onError),
    compensate: step.compensate,
    steps: step.steps?.map(fromStep),
    output: step.output,
    notes: step.notes,
  });
}

/** `fetch`, or `check.true` for one exit. */
export function fromDependency({ step, port }: Dependency): string {
  return port === undefined ? step : `${step}.${port}`;
}

function fromRetry(retry: RetryPolicy): Json {
  const { attempts, backoff, delay, maxDelay, jitter, on, except } = retry;
  const usual = backoff === defaultRetry.backoff && delay === defaultRetry.delay && maxDelay === defaultRetry.maxDelay;
  if (usual && jitter === undefined && !on && !except) return attempts;
  return present({ attempts, backoff, delay: formatDuration(delay), maxDelay: formatDuration(maxDelay), jitter, on, except });
}

function fromOnError(onError: OnError): Json {
  if (onError.kind === 'goto') return { goto: onError.step };
  if (onError.kind === 'version') return { version: onError.version };
  return onError.kind === 'fallback' ? { fallback: onError.value } : onError.kind;
}

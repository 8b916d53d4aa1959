import '@/core/node/settings-meta';
import * as z from 'zod';
import { maxDuration, parseDuration } from './duration';
import { ratePeriods } from './workflow';

/** Bounds of a workflow, the same for AWL and the editor. */
export const workflowLimits = {
  bytes: 1_048_576,
  depth: 64,
  values: 50_000,
  marks: 250_000,
  aliases: 100,
  steps: 1_000,
  dependencies: 100,
  triggers: 20,
} as const;

export const slugPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const stepIdPattern = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

const text = (max: number, what: string) => z.string({ error: `wants ${what}` }).max(max, `may have at most ${max.toLocaleString('en-US')} characters`);

const anyDuration = z
  .string({ error: 'wants a duration with its unit: 30s, 10m, 1h30m, 2d' })
  .refine((value) => parseDuration(value) !== undefined, { error: 'wants a duration with its unit: 30s, 10m, 1h30m, 2d', abort: true })
  .refine((value) => (parseDuration(value) ?? 0) <= maxDuration, { error: 'may be at most 400d' })
  .meta({ description: 'A duration such as 500ms, 30s, 1h30m or 2d.', pattern: '^(\\d+(\\.\\d{1,3})?(ms|s|m|h|d|w))+$', examples: ['30s'] });

const duration = anyDuration.refine((value) => parseDuration(value) !== 0, { error: 'must be longer than nothing' });

const json = z.unknown();
const settingsObject = z.record(z.string(), json, { error: 'wants an object of settings' });

const errorCodes = z
  .array(
    z.string({ error: 'wants an error code such as timeout or http_5*' }).regex(/^[A-Za-z0-9_*.-]{1,64}$/, 'wants an error code such as timeout or http_5*'),
    { error: 'wants a list of error codes, such as [timeout, http_5*]' },
  )
  .max(20, 'may list at most 20 codes');

const retry = z
  .union(
    [
      z.int({ error: 'wants a whole number of retries' }).min(0, 'wants 0 or more').max(100, 'wants at most 100'),
      z.strictObject({
        attempts: z
          .int({ error: 'wants a whole number of retries' })
          .min(0, 'wants 0 or more')
          .max(100, 'wants at most 100')
          .describe('Retries after the first attempt.'),
        backoff: z
          .enum(['fixed', 'linear', 'exponential'], { error: 'wants fixed, linear or exponential' })
          .optional()
          .describe('How the delay grows (exponential).'),
        delay: anyDuration.optional().describe('Before the first retry (1s).'),
        maxDelay: anyDuration.optional().describe('The longest delay (1m).'),
        jitter: z.boolean({ error: 'wants true or false' }).optional().describe('Whether delays are spread at random (true).'),
        on: errorCodes.optional().describe('Only errors with these codes: timeout, http_5*.'),
        except: errorCodes.optional().describe('No errors with these codes.'),
      }),
    ],
    { error: 'wants a number of retries, or {attempts, backoff, delay, maxDelay}' },
  )
  .describe('What to do before giving up: a number of retries, or how they are made.');

const onError = z
  .union(
    [
      z.enum(['fail', 'continue', 'skip', 'compensate']),
      z.strictObject({ fallback: json.describe('The output the step has instead.') }),
      z.strictObject({ goto: z.string({ error: 'wants the id of a step' }).describe('The step that takes over.') }),
      z.strictObject({
        version: z
          .int({ error: 'wants the number of a version' })
          .min(1, 'wants 1 or more')
          .describe('The version of this workflow whose step of this id is tried.'),
      }),
    ],
    { error: 'wants fail, continue, skip, compensate, {fallback: VALUE}, {goto: STEP} or {version: N}' },
  )
  .describe(
    'What happens when the step has failed for good: fail (default), continue, skip, compensate (undo, then fail), {fallback: VALUE}, {goto: STEP} or {version: N}.',
  );

const dependency = z
  .string({ error: 'wants the id of a step, or step.port' })
  .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}(\.[A-Za-z_][A-Za-z0-9_-]{0,63})?$/, 'wants the id of a step, or step.port');

const stepId = (what: string) => z.string({ error: what }).regex(stepIdPattern, what);

const stepShape = {
  id: z
    .string({ error: 'wants an id, such as fetch' })
    .regex(stepIdPattern, 'wants an id of letters, digits, - and _ that starts with a letter')
    .describe('Unique in the workflow.'),
  title: text(200, 'a text').optional(),
  uses: text(64, 'the name of a node type').optional().describe('A node type of the catalogue. Without uses and agent the step hands on its data.'),
  agent: text(64, 'the name of an agent').optional().describe('Short for uses: agent, with: {agent: …}.'),
  with: settingsObject.nullable().optional().describe('The settings of the node; texts may hold {{ expressions }}.'),
  depends_on: z
    .union([dependency, z.array(dependency).max(workflowLimits.dependencies, `may list at most ${workflowLimits.dependencies} steps`)], {
      error: 'wants a list of step ids',
    })
    .nullable()
    .optional()
    .describe('The steps before this one: step, or step.port for one of its exits.'),
  join: z
    .union([z.enum(['all', 'any']), z.int().min(1, 'wants 1 or more').max(workflowLimits.dependencies, 'wants fewer')], { error: 'wants all, any or a number' })
    .optional()
    .describe('How many of depends_on must lead here: all that will (default), any (the first), or a number.'),
  condition: z
    .union([text(10_240, 'an expression'), z.boolean()], { error: 'wants an expression that is true or false' })
    .optional()
    .describe('CEL; when it is false the step is skipped.'),
  timeout: duration.optional().describe('Of one attempt.'),
  retry: retry.optional(),
  on_error: onError.optional(),
  compensate: stepId('wants the id of the step that undoes this one')
    .optional()
    .describe('The step that undoes this one when the run fails; it runs at no other time.'),
  output: json.optional().describe('Of a loop: template of what each iteration gives.'),
  notes: text(10_000, 'a text').optional(),
};

type FlatStep = z.output<z.ZodObject<typeof stepShape>>;
export interface StepDocument extends FlatStep {
  steps?: StepDocument[] | undefined;
}

const bodySchema: z.ZodType<StepDocument[]> = z.lazy(() => stepList);

export const stepSchema = z
  .strictObject(
    { ...stepShape, steps: bodySchema.optional().describe('Of a loop: the steps of an iteration.') },
    { error: (issue) => (issue.code === 'invalid_type' ? 'wants a step: {id, uses, with, depends_on, …}' : undefined) },
  )
  .refine((step) => step.uses === undefined || step.agent === undefined, { error: 'has both uses and agent; keep one', path: ['agent'] });

const stepList = z
  .array(stepSchema, { error: 'wants a list of steps' })
  .max(workflowLimits.steps, `may list at most ${workflowLimits.steps.toLocaleString('en-US')} steps`)
  .meta({ id: 'steps' });

const trigger = z
  .union([z.string(), z.record(z.string(), z.union([settingsObject, z.string(), z.null()], { error: 'wants an object of settings' }))], {
    error: 'wants a trigger such as `manual` or `webhook: {method: POST}`',
  })
  .refine((value) => typeof value === 'string' || Object.keys(value).length === 1, { error: 'wants exactly one key, the type of the trigger' });

const keyTemplate = text(1_000, 'a text such as {{ input.customer }}');
const places = z.int({ error: 'wants a whole number' }).min(1, 'wants 1 or more').max(10_000, 'wants at most 10000');

const settingsSchema = z.strictObject({
  timeout: duration.optional().describe('Of the whole run.'),
  concurrency: z
    .union([places, z.strictObject({ limit: places, key: keyTemplate.optional().describe('Counted for each value of this template.') })], {
      error: 'wants a whole number, or {limit, key}',
    })
    .optional()
    .describe('Runs of this workflow at the same time.'),
  rate: z
    .strictObject(
      {
        limit: z.int({ error: 'wants a whole number' }).min(1, 'wants 1 or more').max(1_000_000, 'wants at most 1000000'),
        per: z.enum(ratePeriods, { error: 'wants second, minute, hour or day' }),
        key: keyTemplate.optional().describe('Counted for each value of this template.'),
      },
      { error: 'wants {limit, per}' },
    )
    .optional()
    .describe('Starts in any second, minute, hour or day; more wait their turn.'),
  dedupe: z
    .strictObject({ key: keyTemplate, window: duration }, { error: 'wants {key, window}' })
    .optional()
    .describe('A second start with the same key within the window is the first run.'),
  debounce: z
    .strictObject({ wait: duration, key: keyTemplate.optional(), maxWait: duration.optional() }, { error: 'wants {wait, key, maxWait}' })
    .optional()
    .describe('Starts that follow each other within the wait become one, with the latest input.'),
  priority: z
    .int({ error: 'wants a whole number' })
    .min(-100, 'wants -100 to 100')
    .max(100, 'wants -100 to 100')
    .optional()
    .describe('-100 to 100, higher first.'),
  compensate: z.boolean({ error: 'wants true or false' }).optional().describe('Undo completed steps whenever a run fails, runs out of time or is cancelled.'),
});

export const workflowSchema = z.strictObject(
  {
    name: z
      .string({ error: 'wants a name such as data-pipeline' })
      .regex(slugPattern, 'wants small letters, digits and -, as in data-pipeline')
      .describe('The slug of the workflow.'),
    title: text(200, 'a text').optional(),
    description: text(10_000, 'a text').optional(),
    input: z.record(z.string(), json, { error: 'wants a JSON Schema' }).optional().describe('JSON Schema of the run input, checked before a run starts.'),
    triggers: z
      .array(trigger, { error: 'wants a list of triggers' })
      .max(workflowLimits.triggers, `may list at most ${workflowLimits.triggers} triggers`)
      .nullable()
      .optional()
      .describe('What starts runs.'),
    settings: settingsSchema.nullable().optional(),
    sla: z
      .strictObject({
        maxDuration: duration.optional(),
        successRate: z.number({ error: 'wants a percentage' }).min(0, 'wants 0 to 100').max(100, 'wants 0 to 100').optional(),
        window: duration.optional(),
      })
      .optional(),
    steps: stepList,
    output: json.optional().describe('Template of the run’s output; without it, the outputs of the last steps.'),
    layout: z
      .record(z.string(), z.strictObject({ x: z.number({ error: 'wants a number' }), y: z.number({ error: 'wants a number' }) }), {
        error: 'wants positions by step id',
      })
      .optional()
      .describe('Positions in the editor by step id, and by trigger:0 … for triggers.'),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'wants the workflow: {name, steps, …}' : undefined) },
);

export type WorkflowDocument = z.output<typeof workflowSchema>;

/** The keys people reach for by habit, and what AWL calls them. */
export const synonyms: ReadonlyMap<string, string> = new Map([
  ['dependsOn', 'depends_on'],
  ['needs', 'depends_on'],
  ['depends', 'depends_on'],
  ['after', 'depends_on'],
  ['onError', 'on_error'],
  ['type', 'uses'],
  ['node', 'uses'],
  ['if', 'condition'],
  ['when', 'condition'],
  ['config', 'with'],
  ['params', 'with'],
  ['parameters', 'with'],
  ['args', 'with'],
  ['inputs', 'input'],
  ['on', 'triggers'],
  ['retries', 'retry'],
  ['nodes', 'steps'],
  ['jobs', 'steps'],
  ['outputs', 'output'],
  ['slug', 'name'],
  ['max_delay', 'maxDelay'],
]);

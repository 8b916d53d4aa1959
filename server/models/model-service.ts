import { type ModelService, StepError } from '@/core/node/executor';
import { formatPath } from '@/core/workflow/issue-message';
import { checkAgainst } from '@/core/workflow/json-schema';
import { SchemaFault } from '@/core/workflow/schema-check';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import { credentialSettings } from '@/server/credentials';
import type { CredentialSettings } from '@/server/credentials/schema';
import type { Egress } from '@/server/lib/egress';
import { egressFetch } from './egress-fetch';
import { sandboxModels } from './sandbox-models';
import { simulate } from './sandbox-provider';

type Request = Parameters<ModelService['generate']>[1];
type Answer = Awaited<ReturnType<ModelService['generate']>>;

export interface ModelServiceOptions {
  http: Egress;
  /** what is known of a credential, replaced in tests */
  settings?: typeof credentialSettings;
  /** ms of one call */
  timeoutMs?: number;
}

/**
 * Language models by id: `sandbox/default` is simulated offline; `<credential>/<model>` calls that credential's OpenAI-compatible endpoint.
 * A structured answer is checked against its schema.
 */
export function createModelService(options: ModelServiceOptions): ModelService {
  return {
    async generate(organizationId, request, signal) {
      signal.throwIfAborted();
      const { provider, model } = partsOf(request);
      const answer = provider === 'sandbox' ? simulated(model, request) : await connected(options, organizationId, provider, model, request, signal);
      if (request.schema !== undefined) checkObject(answer, request.schema);
      return answer;
    },
  };
}

function partsOf({ model, credential }: Request): { provider: string; model: string } {
  if (credential) return { provider: credential, model };
  const slash = model.indexOf('/');
  if (slash > 0 && slash < model.length - 1) return { provider: model.slice(0, slash), model: model.slice(slash + 1) };
  throw new StepError('unknown_model', `"${model}" is no model; it wants the form credential/model, such as sandbox/default.`, { retryable: false });
}

function simulated(model: string, request: Request): Answer {
  if (!sandboxModels.some((m) => m.id === `sandbox/${model}`)) {
    throw new StepError('unknown_model', `There is no model sandbox/${model}; there is ${sandboxModels.map((m) => m.id).join(', ')}.`, { retryable: false });
  }
  return { ...simulate(request), model: `sandbox/${model}`, simulated: true, costUsd: 0 };
}

async function connected(
  options: ModelServiceOptions,
  organizationId: string,
  provider: string,
  model: string,
  request: Request,
  signal: AbortSignal,
): Promise<Answer> {
  const { kind, settings } = await (options.settings ?? credentialSettings)(organizationId, provider);
  if (kind !== 'openai-compatible' || !settings.baseUrl) {
    throw new StepError('unknown_model', `The credential "${provider}" is of the kind ${kind}; models want one of the kind openai-compatible.`, {
      retryable: false,
    });
  }
  const { callModel } = await import('./openai-compatible');
  const fetch = egressFetch(options.http, { organizationId, credential: provider, timeoutMs: options.timeoutMs ?? 300_000 });
  const { system, prompt, maxOutputTokens, temperature, schema } = request;
  const answer = await callModel({ baseUrl: settings.baseUrl, model, system, prompt, maxOutputTokens, temperature, schema, fetch }, signal);
  return { ...answer, model: `${provider}/${model}`, simulated: false, costUsd: costOf(settings, answer.usage) };
}

/** By the prices the organization entered; unknown prices count as nothing. */
function costOf({ inputPrice = 0, outputPrice = 0 }: CredentialSettings, usage: Answer['usage']): number {
  return (usage.inputTokens * inputPrice + usage.outputTokens * outputPrice) / 1_000_000;
}

/** Schemas are a tenant's, so they are checked by the validator whose work is bounded. */
function checkObject(answer: Answer, schema: Json): void {
  const [first] = faultsOf(schema, answer.object ?? null);
  if (!first) return;
  const place = formatPath('answer', first.path);
  throw new StepError('schema_mismatch', `${answer.model} answered with JSON that does not fit the schema: ${place} ${first.message}`);
}

function faultsOf(schema: Json, value: Json): ReturnType<typeof checkAgainst> {
  try {
    return checkAgainst(schema as JsonObject, value);
  } catch (error) {
    if (!(error instanceof SchemaFault)) throw error;
    throw new StepError('invalid_schema', `The schema of the answer cannot be used: ${formatPath('schema', error.path)} ${error.message}`, {
      retryable: false,
    });
  }
}

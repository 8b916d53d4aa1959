import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, jsonSchema, Output } from 'ai';
import { StepError } from '@/core/node/executor';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import type { Fetch } from './egress-fetch';

// the SDK prints warnings to the console unless told not to
(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;

export interface ModelCall {
  baseUrl: string;
  model: string;
  system?: string;
  prompt: string;
  maxOutputTokens?: number;
  temperature?: number;
  schema?: Json;
  fetch: Fetch;
}

/** One call of an OpenAI-compatible endpoint. Loaded only when a model is called, since the SDK is large. */
export async function callModel(
  call: ModelCall,
  signal: AbortSignal,
): Promise<{ text: string; object?: Json; usage: { inputTokens: number; outputTokens: number } }> {
  const provider = createOpenAICompatible({ name: 'openai-compatible', baseURL: call.baseUrl, fetch: call.fetch, supportsStructuredOutputs: true });
  try {
    const common = {
      model: provider(call.model),
      prompt: call.prompt,
      ...(call.system ? { instructions: call.system } : {}),
      maxOutputTokens: call.maxOutputTokens,
      temperature: call.temperature,
      // the engine retries, with the step's own policy
      maxRetries: 0,
      abortSignal: signal,
    };
    if (call.schema === undefined) {
      const { text, usage } = await generateText(common);
      return { text, usage: tokensOf(usage) };
    }
    const { text, output, usage } = await generateText({ ...common, output: Output.object({ schema: jsonSchema(call.schema as JsonObject) }) });
    return { text, object: output as Json, usage: tokensOf(usage) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw modelFailure(error, call.model);
  }
}

function tokensOf(usage: { inputTokens?: number; outputTokens?: number }): { inputTokens: number; outputTokens: number } {
  return { inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0 };
}

/** Says what the provider said; 4xx other than 408, 409 and 429 will not get better by trying again. */
function modelFailure(error: unknown, model: string): unknown {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if (e instanceof StepError) return e;
    if (APICallError.isInstance(e)) {
      const status = e.statusCode ?? 0;
      const retryable = status === 0 || status === 408 || status === 409 || status === 429 || status >= 500;
      return new StepError('model_error', `The provider of ${model} answered ${status}: ${e.message}`, {
        retryable,
        details: { status, body: (e.responseBody ?? '').slice(0, 2000) },
      });
    }
    if (/NoObjectGenerated|JSONParse|TypeValidation|NoOutput/.test(e.name)) {
      return new StepError('schema_mismatch', `${model} did not answer with the asked-for JSON.`, { cause: error });
    }
  }
  return error instanceof Error ? new StepError('model_error', `${model}: ${error.message}`, { cause: error }) : error;
}

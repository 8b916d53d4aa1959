import type { z } from 'zod';
import { beginning } from '@/core/node/beginning';
import type { NodeExecutor } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { builtinAgents } from './agents';
import type { agentConfig } from './definition';

const longestMaterial = 200_000;

/** One model call with the agent's instructions on the material. `valid` says whether there was material to work on and an answer came of it. */
const agent: NodeExecutor<z.infer<typeof agentConfig>> = async (config, context) => {
  const { system, task } = builtinAgents[config.agent];
  const given = (config.data as Json | undefined) ?? context.data;
  const prompt = `${config.task ?? task}\n\n${material(given)}`;
  const answer = await context.services.models.generate(
    context.organizationId,
    { model: config.model, system, prompt, maxOutputTokens: config.maxOutputTokens },
    context.signal,
  );
  return {
    output: {
      text: answer.text,
      valid: !isEmpty(given) && answer.text.trim() !== '',
      agent: config.agent,
      model: answer.model,
      simulated: answer.simulated,
      usage: { ...answer.usage },
    },
    costUsd: answer.costUsd,
    tokens: { input: answer.usage.inputTokens, output: answer.usage.outputTokens },
  };
};
export default agent;

function isEmpty(data: Json): boolean {
  return data === null || data === '' || (typeof data === 'object' && Object.keys(data).length === 0);
}

function material(data: Json): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data, null, 1);
  return text.length > longestMaterial ? `${beginning(text, longestMaterial)}\n[cut at ${longestMaterial} characters]` : text;
}

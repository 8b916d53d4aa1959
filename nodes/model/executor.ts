import type { z } from 'zod';
import type { NodeExecutor } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import type { modelConfig } from './definition';

/** One model call; the text (and the object, when a schema was given) is the output. */
const model: NodeExecutor<z.infer<typeof modelConfig>> = async (config, context) => {
  const answer = await context.services.models.generate(
    context.organizationId,
    {
      model: config.model,
      system: config.system,
      prompt: config.prompt,
      schema: config.schema as Json | undefined,
      temperature: config.temperature,
      maxOutputTokens: config.maxOutputTokens,
    },
    context.signal,
  );
  return {
    output: {
      text: answer.text,
      ...(answer.object === undefined ? {} : { object: answer.object }),
      model: answer.model,
      simulated: answer.simulated,
      usage: { ...answer.usage },
    },
    costUsd: answer.costUsd,
    tokens: { input: answer.usage.inputTokens, output: answer.usage.outputTokens },
  };
};
export default model;

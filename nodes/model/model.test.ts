import { expect, it } from 'vitest';
import type { ModelService } from '@/core/node/executor';
import { testStep } from '../test-step';

it('asks the model and reports tokens and cost', async () => {
  const asked: unknown[] = [];
  const models: ModelService = {
    generate: async (organizationId, request) => {
      asked.push([organizationId, request.model, request.prompt, request.schema]);
      return { text: 'hi', object: { a: 1 }, model: request.model, simulated: false, usage: { inputTokens: 3, outputTokens: 1 }, costUsd: 0.5 };
    },
  };
  const { result } = await testStep('model', { prompt: 'Say hi', schema: { type: 'object' } }, { services: { models } });
  expect(asked).toEqual([['org', 'sandbox/default', 'Say hi', { type: 'object' }]]);
  expect(result).toEqual({
    output: { text: 'hi', object: { a: 1 }, model: 'sandbox/default', simulated: false, usage: { inputTokens: 3, outputTokens: 1 } },
    costUsd: 0.5,
    tokens: { input: 3, output: 1 },
  });
});

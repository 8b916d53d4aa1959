import { expect, it } from 'vitest';
import type { ModelService } from '@/core/node/executor';
import { testFaults, testStep } from '../test-step';
import { builtinAgents } from './agents';

function fake() {
  const asked: Parameters<ModelService['generate']>[1][] = [];
  const models: ModelService = {
    generate: async (_organizationId, request) => {
      asked.push(request);
      return { text: 'done', model: request.model, simulated: true, usage: { inputTokens: 1, outputTokens: 1 }, costUsd: 0 };
    },
  };
  return { asked, services: { models } };
}

it('works on what comes in, with its own instructions', async () => {
  const { asked, services } = fake();
  const { output } = await testStep('agent', { agent: 'analyst' }, { services, data: { sales: [1, 2] } });
  expect(asked[0]?.system).toBe(builtinAgents.analyst.system);
  expect(asked[0]?.prompt).toContain(builtinAgents.analyst.task);
  expect(asked[0]?.prompt).toContain('"sales"');
  expect(output).toMatchObject({ text: 'done', valid: true, agent: 'analyst', simulated: true });
});
it('takes a task and material, and cuts what is too long', async () => {
  const { asked, services } = fake();
  await testStep('agent', { agent: 'writer', task: 'Write a haiku.', data: 'x'.repeat(300_000) }, { services, data: 'ignored' });
  expect(asked[0]?.prompt.startsWith('Write a haiku.\n\nxxx')).toBe(true);
  expect(asked[0]?.prompt).not.toContain('ignored');
  expect(asked[0]?.prompt.length).toBeLessThan(201_000);
});
it('says when there was nothing to work on', async () => {
  const { services } = fake();
  expect(await testStep('agent', { agent: 'analyst' }, { services, data: {} })).toMatchObject({ output: { valid: false } });
});
it('knows its agents', () => expect(testFaults('agent', { agent: 'wizard' })).toEqual(['agent']));

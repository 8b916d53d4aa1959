import { expect, it } from 'vitest';
import type { SandboxService } from '@/core/node/executor';
import { testFaults, testStep } from '../test-step';

it('hands data, input and values to the sandbox, and its log lines to the run', async () => {
  const asked: Parameters<SandboxService['run']>[1][] = [];
  const sandbox: SandboxService = {
    run: async (_organizationId, request) => {
      asked.push(request);
      return {
        value: 42,
        logs: [
          { level: 'warn', message: 'careful' },
          { level: 'odd', message: 'x' },
        ],
      };
    },
  };
  const { output, logs } = await testStep(
    'code',
    { source: 'return 1', values: { limit: 3, data: 'shadowed' }, timeout: '2m' },
    { services: { sandbox }, data: [1], input: { a: 1 } },
  );
  expect(asked).toEqual([{ source: 'return 1', globals: { limit: 3, data: [1], input: { a: 1 } }, timeoutMs: 30_000 }]);
  expect(output).toBe(42);
  expect(logs).toEqual(['warn: careful', 'info: x']);
});
it('refuses names that are none', () => {
  expect(testFaults('code', { source: '', values: { 'a b': 1 } })).not.toEqual([]);
  expect(testFaults('code', { source: 'x'.repeat(100_001) })).toEqual(['source']);
});

import type { ExecutorContext, ExecutorServices, NodeExecutor, StepResult } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { nodeDefinitions } from './definitions';
import { nodeExecutors } from './executors';

const refuse = () => Promise.reject(new Error('not in this test'));

/** Runs one step of a type as the engine does: settings are parsed by the definition's schema first. For tests. */
export async function testStep(
  type: string,
  config: Record<string, unknown>,
  context: Omit<Partial<ExecutorContext>, 'services'> & { services?: Partial<ExecutorServices> } = {},
): Promise<{ result: StepResult; output: Json | undefined; logs: string[] }> {
  const logs: string[] = [];
  const executor = nodeExecutors.get(type) as NodeExecutor;
  const parsed = nodeDefinitions.get(type)?.config.parse(config);
  const { services, ...rest } = context;
  const result = await executor(parsed, {
    organizationId: 'org',
    runId: 'run',
    path: 'step',
    attempt: 1,
    idempotencyKey: 'run/step',
    tryKey: '1',
    data: null,
    upstream: {},
    input: null,
    signal: new AbortController().signal,
    now: 1_000_000,
    log: (level, message) => logs.push(`${level}: ${message}`),
    services: { http: { request: refuse }, models: { generate: refuse }, sandbox: { run: refuse }, search: { search: refuse }, ...services },
    ...rest,
  });
  return { result, output: 'output' in result ? result.output : undefined, logs };
}

/** The type's settings are refused; resolves to the places at fault. */
export function testFaults(type: string, config: Record<string, unknown>): string[] {
  const result = nodeDefinitions.get(type)?.config.safeParse(config);
  return result?.error?.issues.map((i) => i.path.map(String).join('.') || i.message) ?? [];
}

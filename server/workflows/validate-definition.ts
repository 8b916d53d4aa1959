import type { z } from 'zod';
import type { Problem } from '@/core/workflow/workflow';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { Invalid } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { readDefinition } from './definition';
import { validateWorkflowInput } from './schema';

/** Everything wrong with a definition, without storing it. Parses and checks; runs nothing. */
export async function validateDefinition(ctx: Context, input: z.input<typeof validateWorkflowInput>): Promise<{ ok: boolean; problems: Problem[] }> {
  authorize(ctx, 'workflow:read');
  const { definition } = parseInput(validateWorkflowInput, input);
  try {
    const { problems } = readDefinition(definition);
    return { ok: !problems.some((p) => p.severity === 'error'), problems };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return { ok: false, problems: error.problems.map((p) => ({ severity: 'error' as const, ...p })) };
  }
}

import type { RunScope } from '@/core/engine/scope';
import type { Json } from '@/core/workflow/workflow';
import { callbackUrl } from '@/server/signals';
import type { RunnableVersion } from './versions';

/** What the expressions of a run may see besides its steps. Its address for callbacks is made when it is asked for: few runs do. */
export function runScope(organizationId: string, runId: string, version: RunnableVersion, input: Json, startedAt: number): RunScope {
  return {
    input,
    run: {
      id: runId,
      attempt: 1,
      startedAt: new Date(startedAt).toISOString(),
      get callbackUrl() {
        return callbackUrl(organizationId, runId);
      },
    },
    workflow: version.workflow,
    vars: {},
    env: version.env,
  };
}

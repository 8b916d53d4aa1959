import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { apiKeysRouter } from './routers/api-keys';
import { approvalsRouter } from './routers/approvals';
import { artifactsRouter } from './routers/artifacts';
import { auditRouter } from './routers/audit';
import { circuitsRouter } from './routers/circuits';
import { credentialsRouter } from './routers/credentials';
import { deadLettersRouter } from './routers/dead-letters';
import { eventsRouter } from './routers/events';
import { limitsRouter } from './routers/limits';
import { modelsRouter } from './routers/models';
import { organizationsRouter } from './routers/organizations';
import { projectsRouter } from './routers/projects';
import { retentionRouter } from './routers/retention';
import { runsRouter } from './routers/runs';
import { sessionRouter } from './routers/session';
import { signalsRouter } from './routers/signals';
import { siteRouter } from './routers/site';
import { workflowsRouter } from './routers/workflows';
import { router } from './trpc';

/** Everything pages can ask for. `workflows.publish` = publishWorkflow = `workflow:publish` = `workflow.publish` in the audit log. */
export const appRouter = router({
  session: sessionRouter,
  site: siteRouter,
  organizations: organizationsRouter,
  projects: projectsRouter,
  workflows: workflowsRouter,
  retention: retentionRouter,
  runs: runsRouter,
  signals: signalsRouter,
  approvals: approvalsRouter,
  artifacts: artifactsRouter,
  deadLetters: deadLettersRouter,
  events: eventsRouter,
  apiKeys: apiKeysRouter,
  credentials: credentialsRouter,
  models: modelsRouter,
  limits: limitsRouter,
  circuits: circuitsRouter,
  audit: auditRouter,
});
export type AppRouter = typeof appRouter;
export type ApiInputs = inferRouterInputs<AppRouter>;
export type ApiOutputs = inferRouterOutputs<AppRouter>;

import type { Route } from '../route';
import { approvalRoutes } from './approvals';
import { artifactRoutes } from './artifacts';
import { auditRoutes } from './audit';
import { circuitRoutes } from './circuits';
import { deadLetterRoutes } from './dead-letters';
import { eventRoutes } from './events';
import { limitRoutes } from './limits';
import { runControlRoutes } from './run-control';
import { runEventRoutes } from './run-events';
import { runRoutes } from './runs';
import { signalRoutes } from './signals';
import { workflowRoutes } from './workflows';

/** Every call of /api/v1. */
export const routes: readonly Route[] = [
  ...workflowRoutes,
  ...runRoutes,
  ...runControlRoutes,
  ...runEventRoutes,
  ...artifactRoutes,
  ...eventRoutes,
  ...signalRoutes,
  ...approvalRoutes,
  ...circuitRoutes,
  ...limitRoutes,
  ...auditRoutes,
  ...deadLetterRoutes,
];

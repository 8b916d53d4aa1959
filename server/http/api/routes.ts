import type { Route } from '../route';
import { auditRoutes } from './audit';
import { eventRoutes } from './events';
import { runEventRoutes } from './run-events';
import { runRoutes } from './runs';
import { workflowRoutes } from './workflows';

/** Every call of /api/v1. */
export const routes: readonly Route[] = [...workflowRoutes, ...runRoutes, ...runEventRoutes, ...eventRoutes, ...auditRoutes];

import type { Context } from '@/server/auth/context';
import { NotFound } from '@/server/lib/errors';
import { getWorkflow } from '@/server/workflows';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const slugPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The id a path names: an id as it is, or the id of the workflow with that slug. */
export async function workflowId(ctx: Context, given: string): Promise<string> {
  if (uuidPattern.test(given)) return given;
  if (!slugPattern.test(given)) throw new NotFound('This workflow');
  return (await getWorkflow(ctx, { slug: given })).id;
}

/** A run id of a path; what is not one answers like an absent run. */
export function runId(given: string | undefined): string {
  if (!given || !uuidPattern.test(given)) throw new NotFound('This run');
  return given;
}

/** An event id of a path. */
export function eventId(given: string | undefined): string {
  if (!given || !uuidPattern.test(given)) throw new NotFound('This event');
  return given;
}

/** The id of a run's file. */
export function artifactId(given: string | undefined): string {
  if (!given || !uuidPattern.test(given)) throw new NotFound('This file');
  return given;
}

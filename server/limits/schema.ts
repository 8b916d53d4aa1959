import { z } from 'zod';

/** Runs at the same time; null takes the limit off. */
const concurrency = z.number().int('a whole number').min(1, 'at least 1').max(100_000, 'at most 100,000').nullable();

export const setOrganizationLimitInput = z.strictObject({ concurrency });
export const setProjectLimitInput = z.strictObject({ projectId: z.uuid(), concurrency });

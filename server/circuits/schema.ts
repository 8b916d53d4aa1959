import { z } from 'zod';

// NUL is a character of JSON, but not of PostgreSQL's text
const target = z
  .string()
  .min(1)
  .max(300)
  .refine((text) => !text.includes('\u0000'), 'may not hold the character NUL');
export const circuitStates = ['closed', 'open', 'half_open'] as const;
export const resetCircuitInput = z.strictObject({ target });
export const tripCircuitInput = z.strictObject({
  /** `host:api.example.com`, `model:openai/gpt-5` or `credential:ID` */
  target: target.regex(/^(host|model|credential):\S/, 'wants host:NAME, model:NAME or credential:ID'),
  /** how long its calls are stopped */
  minutes: z.number().int().min(1).max(1440).default(60),
});

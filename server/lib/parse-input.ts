import type { z } from 'zod';
import { Invalid } from './errors';

/** Parses the input of a verb. Throws Invalid with one problem a fault; an unknown key is a fault when the schema is strict. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalidFrom(result.error);
}

/** A ZodError as the Invalid that people see. */
export function invalidFrom(error: z.ZodError): Invalid {
  const problems = error.issues.map((i) => ({ path: i.path.map(String).join('.'), message: i.message }));
  const first = problems[0];
  return new Invalid(first ? `${first.path ? `${first.path}: ` : ''}${first.message}` : 'The input is not valid.', problems);
}

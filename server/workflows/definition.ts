import { parseAwl, toAwlDocument } from '@/core/workflow/awl';
import { validateWorkflow } from '@/core/workflow/validate';
import type { JsonObject, Problem, Workflow } from '@/core/workflow/workflow';
import { nodeDefinitions } from '@/nodes/definitions';
import { Invalid } from '@/server/lib/errors';
import { assertStorableText } from './storable';

/** What a definition says: the graph, the document that is stored, and everything found wrong with it. */
export interface ReadDefinition {
  workflow: Workflow;
  document: JsonObject;
  problems: Problem[];
}

/** Reads AWL (text or parsed document) and validates it. Throws Invalid when it is no AWL at all; faults of meaning are returned. */
export function readDefinition(source: unknown): ReadDefinition {
  const parsed = parseAwl(source);
  if (!parsed.ok) throw notValid(parsed.problems);
  const document = toAwlDocument(parsed.workflow);
  assertStorableText(document);
  return { workflow: parsed.workflow, document, problems: validateWorkflow(parsed.workflow, nodeDefinitions) };
}

/** A fault that does not keep a workflow from running. */
export interface Warning {
  path: string;
  message: string;
}

/** What is worth knowing about a definition that was accepted. */
export function warningsOf({ problems }: ReadDefinition): Warning[] {
  return problems.filter((p) => p.severity === 'warning').map(({ path, message }) => ({ path, message }));
}

/** Like readDefinition, but any error in the definition is Invalid, with a problem for each place. Warnings pass. */
export function readValidDefinition(source: unknown): ReadDefinition {
  const read = readDefinition(source);
  const errors = read.problems.filter((p) => p.severity === 'error');
  if (errors.length > 0) throw notValid(errors);
  return read;
}

function notValid(problems: Problem[]): Invalid {
  const first = problems[0];
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new Invalid(first ? `${first.path}: ${first.message}${more}` : 'The definition is not valid.', problems);
}

/** A stored document as the graph. It was checked when it was written, so failing is a bug, except for types that have left the catalogue. */
export function storedWorkflow(document: unknown): Workflow {
  const parsed = parseAwl(document);
  if (!parsed.ok) throw notValid(parsed.problems);
  return parsed.workflow;
}

import type { NodeDefinition } from '@/core/node/definition';
import type { JsonObject } from '@/core/workflow/workflow';

/** What a node says it does. Settings may be half-written; a definition's function must not break the canvas. */
export function subtitleOf(definition: NodeDefinition | undefined, settings: JsonObject, uses: string): string {
  if (!definition) return `Unknown type “${uses}”`;
  try {
    return definition.subtitle?.(settings) || definition.title;
  } catch {
    return definition.title;
  }
}

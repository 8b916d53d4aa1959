import type { ZodType } from 'zod';

/** One named exit of a node. A node without `ports` has the single default exit; every node also has the implicit `error` exit. */
export interface NodePort {
  id: string;
  label: string;
}

export type NodeCategory = 'trigger' | 'flow' | 'data' | 'ai' | 'network' | 'code';

/**
 * The client-safe half of a node type (`nodes/<type>/definition.ts`): what the palette, the settings form, validation and docs need.
 * The form is generated from `config` (zod → JSON Schema): use `.describe()` for help and `.meta({title, widget, placeholder, unit, showWhen})`.
 */
export interface NodeDefinition<C = unknown> {
  type: string;
  title: string;
  /** one friendly sentence */
  description: string;
  category: NodeCategory;
  /** name of a @tabler/icons-react icon without the `Icon` prefix, e.g. `World` */
  icon: string;
  /** hue of the tinted tile: a Mantine colour name */
  color: string;
  kind: 'trigger' | 'step';
  /** strict object schema of `with` AFTER expressions are resolved */
  config: ZodType<C>;
  /** values the palette inserts */
  defaults: C | Record<string, unknown>;
  /** exits; a function when they depend on the settings (switch) */
  ports?: NodePort[] | ((config: Record<string, unknown>) => NodePort[]);
  /**
   * dot paths into `with` that hold raw CEL rather than a `{{ }}` template (`if`, `cases.*.when`); resolved before the executor sees them
   */
  expressions?: string[];
  /** dot paths into `with` passed through verbatim, never resolved as templates (`source` of code) */
  verbatim?: string[];
  /**
   * `inline`: pure, synchronous and deterministic; may run again after a crash, is checkpointed in the next group commit.
   * `task`: may take time or have effects; everything before it is committed first, and a `step.started` event is written.
   */
  execution: 'inline' | 'task';
  /** what this node does with these settings, shown under its title (`GET crm/customer`); short */
  subtitle?: (config: Record<string, unknown>) => string;
}

/** Identity with inference: `export default defineNode({...})`. */
export function defineNode<C>(definition: NodeDefinition<C>): NodeDefinition<C> {
  return definition;
}

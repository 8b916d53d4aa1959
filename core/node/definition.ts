import './settings-meta';
import type { ZodType } from 'zod';
import * as z from 'zod';
import type { Json, JsonObject } from '@/core/workflow/workflow';

/** One named exit of a node. A node without `ports` has the single default exit; every node also has the implicit `error` exit. */
export interface NodePort {
  id: string;
  label: string;
}

export type NodeCategory = 'trigger' | 'flow' | 'data' | 'ai' | 'network' | 'code';

/**
 * The client-safe half of a node type (`nodes/<type>/definition.ts`): what the palette, the settings form, validation and docs need.
 * The form is generated from `config`: `settingsSchema(definition)` is its JSON Schema; settings-meta.ts lists what `.meta()` may say.
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
  /**
   * strict object schema of `with` AFTER templates and expressions are resolved. It also accepts them unresolved where a string fits;
   * elsewhere a validator passes over issues at a path whose raw value is a template or that `expressions` or `verbatim` names.
   */
  config: ZodType<C>;
  /** values the palette inserts */
  defaults: JsonObject;
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
  /** it has steps of its own (`Step.steps`), run once an iteration; the interpreter executes it, it has no executor */
  container?: 'for-each' | 'while';
  /** what this node does with these settings, shown under its title (`GET crm/customer`); short. Settings may be incomplete or of wrong types. */
  subtitle?: (config: Record<string, unknown>) => string;
  /** an output as it typically looks, for docs and for completion before the first run */
  sample?: Json;
}

/** Identity with inference: `export default defineNode({...})`. */
export function defineNode<C>(definition: NodeDefinition<C>): NodeDefinition<C> {
  return definition;
}

/** The exits of a node with these settings; none means the single default exit. */
export function portsOf(definition: NodeDefinition, config: Record<string, unknown>): NodePort[] {
  if (typeof definition.ports === 'function') return definition.ports(config);
  return definition.ports ?? [];
}

const schemas = new WeakMap<NodeDefinition, JsonObject>();

/** The settings as JSON Schema with our meta words, made once a definition: settings with a default are not `required`. */
export function settingsSchema(definition: NodeDefinition): JsonObject {
  let schema = schemas.get(definition);
  if (!schema) {
    schema = z.toJSONSchema(definition.config, { io: 'input' }) as JsonObject;
    schemas.set(definition, schema);
  }
  return schema;
}

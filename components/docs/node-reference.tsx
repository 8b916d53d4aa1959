import { z } from 'zod';
import { NodeIcon } from '@/components/editor/node-icon';
import type { NodeDefinition } from '@/core/node/definition';
import { nodeDefinitions } from '@/nodes/definitions';
import classes from './docs.module.css';

interface Property {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  anyOf?: Property[];
  const?: unknown;
}

function typeOf(property: Property): string {
  if (property.enum) return property.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (property.const !== undefined) return JSON.stringify(property.const);
  if (property.anyOf) return [...new Set(property.anyOf.map(typeOf))].join(' | ');
  if (Array.isArray(property.type)) return property.type.join(' | ');
  return property.type ?? 'any';
}

/** The settings of a node type, read from its own schema. */
function settingsOf(definition: NodeDefinition): [string, Property, boolean][] {
  const schema = z.toJSONSchema(definition.config, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, Property>;
    required?: string[];
    anyOf?: { properties?: Record<string, Property> }[];
  };
  const properties = schema.properties ?? Object.assign({}, ...(schema.anyOf ?? []).map((one) => one.properties ?? {}));
  return Object.entries(properties as Record<string, Property>).map(([name, property]) => [name, property, schema.required?.includes(name) ?? false]);
}

function portsOf(definition: NodeDefinition): string[] {
  if (!definition.ports) return [];
  const ports = typeof definition.ports === 'function' ? definition.ports(definition.defaults as Record<string, unknown>) : definition.ports;
  return ports.map(({ id }) => id);
}

/** Every node type with its settings, made from the definitions the editor itself uses. */
export function NodeReference() {
  return [...nodeDefinitions.values()].map((definition) => <NodeEntry key={definition.type} definition={definition} />);
}

function NodeEntry({ definition }: { definition: NodeDefinition }) {
  const settings = settingsOf(definition);
  const ports = portsOf(definition);
  return (
    <article className={classes.node} id={`node-${definition.type}`}>
      <header className={classes.nodeHead}>
        <NodeIcon icon={definition.icon} color={definition.color} size={32} />
        <h3>
          {definition.title} <code>{definition.type}</code>
        </h3>
      </header>
      <p>
        {definition.description}
        {ports.length > 0 ? ` Leaves by ${ports.map((port) => `“${port}”`).join(' or ')}.` : ''}
      </p>
      {settings.length > 0 ? (
        <section className={classes.scroll} tabIndex={0} aria-label={`Settings of ${definition.title}`}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                <th scope="col">Takes</th>
                <th scope="col">What it is</th>
              </tr>
            </thead>
            <tbody>
              {settings.map(([name, property, required]) => (
                <tr key={name}>
                  <th scope="row">
                    <code>{name}</code>
                    {required ? <span className={classes.required}> required</span> : null}
                  </th>
                  <td>
                    <code>{typeOf(property)}</code>
                  </td>
                  <td>
                    {[property.title, property.description].filter(Boolean).join('. ')}
                    {property.default === undefined || property.default === '' ? null : (
                      <>
                        {' '}
                        Default <code>{JSON.stringify(property.default)}</code>.
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
    </article>
  );
}

import { NodeIcon } from '@/components/editor/node-icon';
import type { Workflow } from '@/core/workflow/workflow';
import { nodeDefinitions } from '@/nodes/definitions';
import classes from './workflow-picture.module.css';

const card = { width: 220, height: 64, columnGap: 60, rowGap: 28 };

interface Placed {
  id: string;
  title: string;
  type: string;
  subtitle: string;
  x: number;
  y: number;
}

/** Columns by distance from the start, rows in the order written: enough for a picture, and done on the server. */
function place(workflow: Workflow): { nodes: Placed[]; edges: [Placed, Placed][]; width: number; height: number } {
  const depths = new Map<string, number>();
  const byId = new Map(workflow.steps.map((step) => [step.id, step]));
  const depthOf = (id: string, trail: string[] = []): number => {
    const known = depths.get(id);
    if (known !== undefined || trail.includes(id)) return known ?? 0;
    const above = byId.get(id)?.dependsOn.map((d) => depthOf(d.step, [...trail, id]) + 1) ?? [];
    const depth = Math.max(0, ...above);
    depths.set(id, depth);
    return depth;
  };
  const columns: string[][] = [];
  for (const { id } of workflow.steps) {
    const depth = depthOf(id);
    columns[depth] = [...(columns[depth] ?? []), id];
  }
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const height = tallest * card.height + (tallest - 1) * card.rowGap;
  const nodes = columns.flatMap((column, depth) => {
    const own = column.length * card.height + (column.length - 1) * card.rowGap;
    return column.map((id, row) => {
      const step = byId.get(id);
      const definition = nodeDefinitions.get(step?.uses ?? '');
      const subtitle = ((step && definition?.subtitle?.(step.with)) || definition?.title || '').replace(/\{\{\s*|\s*\}\}/g, '');
      return {
        id,
        title: step?.title ?? id,
        type: step?.uses ?? '',
        subtitle,
        x: depth * (card.width + card.columnGap),
        y: (height - own) / 2 + row * (card.height + card.rowGap),
      };
    });
  });
  const placed = new Map(nodes.map((node) => [node.id, node]));
  const edges = workflow.steps.flatMap((step) =>
    step.dependsOn.flatMap((dependency): [Placed, Placed][] => {
      const [from, to] = [placed.get(dependency.step), placed.get(step.id)];
      return from && to ? [[from, to]] : [];
    }),
  );
  return { nodes, edges, width: columns.length * (card.width + card.columnGap) - card.columnGap, height };
}

/** A workflow as a still picture in the look of the editor; it scrolls sideways where it is too wide. */
export function WorkflowPicture({ workflow }: { workflow: Workflow }) {
  const { nodes, edges, width, height } = place(workflow);
  const label = `A picture of the workflow: ${nodes.map((node) => node.title).join(', ')}.`;
  return (
    <div className={classes.canvas} role="img" aria-label={label} tabIndex={0}>
      <div className={classes.stage} style={{ width, height, zoom: Math.max(0.6, Math.min(0.85, 1050 / width)) }}>
        <svg width={width} height={height} className={classes.edges} aria-hidden>
          {edges.map(([from, to]) => {
            const [x1, y1, x2, y2] = [from.x + card.width, from.y + card.height / 2, to.x, to.y + card.height / 2];
            const bend = Math.max(30, (x2 - x1) / 2);
            return <path key={`${from.id}-${to.id}`} d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`} />;
          })}
        </svg>
        {nodes.map((node) => (
          <div key={node.id} className={classes.node} style={{ left: node.x, top: node.y }}>
            <NodeIcon icon={nodeDefinitions.get(node.type)?.icon} color={nodeDefinitions.get(node.type)?.color} />
            <span className={classes.words}>
              <b>{node.title}</b>
              <small>{node.subtitle}</small>
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}

import { IconChecks, IconFileText, IconGitMerge, IconSearch, IconSparkles, IconWebhook } from '@tabler/icons-react';
import { StatusBadge } from '@/components/ui/status-badge';
import classes from './flow-picture.module.css';

const nodes = [
  { x: 0, y: 130, icon: IconWebhook, color: 'pink', title: 'New question', subtitle: 'Webhook · POST', label: '4 ms' },
  { x: 290, y: 30, icon: IconSearch, color: 'blue', title: 'Search the archive', subtitle: 'Search · 5 results', label: '38 ms' },
  { x: 290, y: 130, icon: IconSearch, color: 'blue', title: 'Search the notes', subtitle: 'Search · 5 results', label: '41 ms' },
  { x: 290, y: 230, icon: IconSearch, color: 'blue', title: 'Search the web', subtitle: 'HTTP · GET', label: '312 ms' },
  { x: 580, y: 130, icon: IconGitMerge, color: 'teal', title: 'Bring together', subtitle: 'Merge · 3 lists', label: '1 ms' },
  { x: 870, y: 80, icon: IconSparkles, color: 'violet', title: 'Write the report', subtitle: 'Model · sandbox', running: true },
  { x: 870, y: 190, icon: IconFileText, color: 'gray', title: 'Send the answer', subtitle: 'Respond · 200' },
] as const;
const edges = [
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 4],
  [2, 4],
  [3, 4],
  [4, 5],
] as const;
const width = 220;
const height = 64;

function curve(from: (typeof nodes)[number], to: (typeof nodes)[number]): string {
  const [x1, y1, x2, y2] = [from.x + width, from.y + height / 2, to.x, to.y + height / 2];
  return `M${x1} ${y1}C${x1 + 36} ${y1} ${x2 - 36} ${y2} ${x2} ${y2}`;
}

/** A drawing of a run, in the look of the editor; it is a picture, so screen readers get one sentence. */
export function FlowPicture() {
  return (
    <div
      className={classes.canvas}
      role="img"
      aria-label="A workflow: a question arrives, three searches run side by side, their results are merged, and a model writes a report."
    >
      <div className={classes.stage} aria-hidden>
        <svg className={classes.edges} viewBox="0 0 1090 324" role="presentation">
          {edges.map(([from, to]) => (
            <path key={`${from}-${to}`} d={curve(nodes[from], nodes[to])} className={to === 5 ? classes.live : classes.done} />
          ))}
          <path d="M980 144V190" className={classes.idle} />
        </svg>
        {nodes.map((node) => (
          <div key={node.title} className={classes.node} style={{ left: node.x, top: node.y }}>
            <span
              className={classes.tile}
              style={{
                color: `var(--mantine-color-${node.color}-text)`,
                background: `color-mix(in srgb, var(--mantine-color-${node.color}-text) 14%, transparent)`,
              }}
            >
              <node.icon size={20} stroke={1.7} />
            </span>
            <span className={classes.words}>
              <b>{node.title}</b>
              <small>{node.subtitle}</small>
            </span>
            {'label' in node || 'running' in node ? (
              <span className={classes.chip}>
                <StatusBadge size="sm" status={'running' in node ? 'running' : 'succeeded'} label={'label' in node ? node.label : undefined} />
              </span>
            ) : null}
          </div>
        ))}
      </div>
      <div className={classes.foot}>
        <IconChecks size={15} /> Research report · every finished step is saved
      </div>
    </div>
  );
}

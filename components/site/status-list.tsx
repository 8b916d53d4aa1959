import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import classes from './status-list.module.css';

interface Check {
  name: 'database' | 'workers' | 'queue';
  ok: boolean;
  text: string;
  ms: number;
}
const names: Record<Check['name'], [string, string]> = {
  database: ['Database', 'Keeps workflows, runs and everything else.'],
  workers: ['Workers', 'Execute runs.'],
  queue: ['Queue', 'Hands runs to workers.'],
};

/** One row a part of Heddle, with what was found just now. */
export function StatusList({ checks }: { checks: Check[] }) {
  return (
    <ul className={classes.list}>
      {checks.map((check) => (
        <li key={check.name} className={classes.row}>
          <span className={classes.mark} data-ok={check.ok}>
            {check.ok ? <IconCheck size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
          </span>
          <span className={classes.words}>
            <b>{names[check.name][0]}</b>
            <small>{names[check.name][1]}</small>
          </span>
          <span className={classes.text} data-ok={check.ok}>
            {check.text}
          </span>
          <span className={classes.ms}>{check.ms} ms</span>
        </li>
      ))}
    </ul>
  );
}

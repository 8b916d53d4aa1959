'use client';
import { Anchor, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTRPC } from '@/components/api/trpc-client';
import { formatDuration } from '@/components/ui/duration';
import { RelativeTime } from '@/components/ui/relative-time';
import { StatusBadge } from '@/components/ui/status-badge';
import { say } from '../model/editor-actions';
import { messageOf } from '../model/error-message';
import { useStore } from '../model/use-store';
import { useRuns } from '../run/run-controller-context';
import { useSession } from '../session-context';
import classes from './panel.module.css';
import { PanelHead } from './panel-head';
import { ProblemNote } from './problem-note';

/** The latest runs; each can be shown on the canvas again. */
export default function RunsPanel() {
  const session = useSession();
  const runs = useRuns();
  const shown = useStore(session.run.run, (run) => run?.id);
  const list = useQuery(useTRPC().runs.list.queryOptions({ org: session.org, workflowId: session.workflowId, limit: 30 }, { refetchInterval: 5000 }));
  return (
    <>
      <PanelHead title="Latest runs" subtitle="Choose one to see it on the canvas" />
      <div className={classes.scroll}>
        {list.isPending ? <Loader size="sm" /> : null}
        {list.error ? <ProblemNote problem={{ severity: 'error', message: messageOf(list.error) }} /> : null}
        {list.data?.items.length === 0 ? <p className={classes.empty}>Nothing was run yet. Press Run.</p> : null}
        <ul className={classes.runs}>
          {list.data?.items.map((run) => (
            <li key={run.id}>
              <button
                type="button"
                className={classes.runRow}
                aria-current={run.id === shown || undefined}
                onClick={() => runs.show(run.id).catch((error) => say(session, messageOf(error)))}
              >
                <StatusBadge status={run.status} size="sm" />
                <span>
                  {run.version === null ? 'Draft' : `Version ${run.version}`}, {run.trigger}
                  {run.startedAt && run.finishedAt ? `, ${formatDuration(Date.parse(run.finishedAt) - Date.parse(run.startedAt))}` : ''}
                </span>
                <RelativeTime at={run.queuedAt} />
              </button>
            </li>
          ))}
        </ul>
        <p className={classes.empty} style={{ marginTop: 16 }}>
          <Anchor component={Link} href={`/${session.org}/workflows/${session.workflowId}/runs`}>
            All runs
          </Anchor>
        </p>
      </div>
    </>
  );
}

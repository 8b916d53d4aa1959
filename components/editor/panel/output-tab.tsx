'use client';
import { formatDuration } from '@/components/ui/duration';
import { StatusBadge } from '@/components/ui/status-badge';
import { dataOf } from '../model/preview-scope';
import { isSimulated, type StepRun } from '../model/run-store';
import { stepOf } from '../model/step-tree';
import { useSession, useWorkflow } from '../session-context';
import { ChildRun, LoopCounts, NotRun, Waiting, WhichIteration } from './output-notes';
import classes from './panel.module.css';
import { ValueView } from './value-view';

/** What the step did in the run on the canvas: live while it runs. */
export function OutputTab({ id, run }: { id: string; run: StepRun | undefined }) {
  const session = useSession();
  const workflow = useWorkflow();
  if (!run || run.status === 'pending') return <NotRun id={id} />;
  // the log does not repeat what earlier steps gave: what came in is read off them
  const data = run.status === 'skipped' ? undefined : dataOf(session, workflow, id);
  const took = run.kept ? 'Kept' : run.startedAt !== undefined && run.finishedAt !== undefined ? formatDuration(run.finishedAt - run.startedAt) : undefined;
  return (
    <div className={classes.stack}>
      <WhichIteration id={id} />
      <dl className={classes.facts}>
        <div>
          <dt>Status</dt>
          <dd>
            <StatusBadge status={run.status} />
          </dd>
        </div>
        {took ? (
          <div>
            <dt>Duration</dt>
            <dd>{took}</dd>
          </div>
        ) : null}
        {run.attempts > 0 ? (
          <div>
            <dt>Attempts</dt>
            <dd>{run.attempts}</dd>
          </div>
        ) : null}
        {run.tokens ? (
          <div>
            <dt>Tokens</dt>
            <dd>
              {run.tokens.input} in, {run.tokens.output} out
            </dd>
          </div>
        ) : null}
        {run.port ? (
          <div>
            <dt>Left by</dt>
            <dd>{run.port}</dd>
          </div>
        ) : null}
      </dl>
      {isSimulated(run.output) && /^(model|agent)$/.test(stepOf(workflow, id)?.uses ?? '') ? (
        <p className={classes.simulated}>Simulated: the sandbox model made this answer up. Connect a provider for real ones.</p>
      ) : null}
      {run.error ? (
        <section aria-label="Error">
          <p className={classes.failure}>
            {run.error.message} <code>{run.error.code}</code>
          </p>
          {run.retryAt !== undefined ? <p className={classes.empty}>Tries again at {new Date(run.retryAt).toLocaleTimeString()}.</p> : null}
          {run.error.details !== undefined && run.error.details !== null ? <ValueView label="Details" value={run.error.details} /> : null}
        </section>
      ) : null}
      {run.status === 'waiting' && run.retryAt === undefined ? <Waiting run={run} /> : null}
      <LoopCounts id={id} />
      <ChildRun run={run} />
      {run.status === 'skipped' ? <p className={classes.empty}>Skipped: its condition was false, or no way led here.</p> : null}
      {run.output !== undefined && run.status === 'succeeded' ? <ValueView label="Output" value={run.output} /> : null}
      {data !== undefined ? <ValueView label="Input" value={data} /> : null}
      {run.input !== undefined ? <ValueView label="Settings used" value={run.input} /> : null}
      {run.logs.length > 0 ? (
        <section aria-label="Logs">
          <h3 className={classes.section}>Logs</h3>
          <ol className={classes.logs}>
            {run.logs.map((log, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an append-only list
              <li key={index} data-level={log.level}>
                <time>{new Date(log.at).toLocaleTimeString()}</time> <b>{log.level}</b> {log.message}
              </li>
            ))}
          </ol>
        </section>
      ) : null}
    </div>
  );
}

'use client';
import { Alert, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { shortRunId, triggerWord } from '@/components/runs/run-words';
import { Crumbs } from '@/components/shell/crumbs';
import { useOrganization } from '@/components/shell/organization-context';
import { JsonView } from '@/components/ui/json-view';
import { AnchorLink } from '@/components/ui/link';
import { PageHeader } from '@/components/ui/page-header';
import { RelativeTime } from '@/components/ui/relative-time';
import { LetterStatusBadge, ReasonBadge } from './dead-letter-badges';
import classes from './dead-letters.module.css';
import { ResolveButtons } from './resolve-buttons';

type Letter = ApiOutputs['deadLetters']['get'];

/** One dead letter: why it is one, what its step was given, each failure, and how the log ends. */
export function DeadLetterDetail({ initial }: { initial: Letter }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const router = useRouter();
  const { data: letter = initial } = useQuery({ ...trpc.deadLetters.get.queryOptions({ org, id: initial.id }), initialData: initial });
  const title = letter.workflow.title || 'Workflow';
  return (
    <>
      <Crumbs items={[{ label: 'Dead letters', href: `/${org}/dead-letters` }, { label: title }]} />
      <PageHeader
        title={title}
        badge={
          <>
            <ReasonBadge reason={letter.reason} />
            {letter.status === 'open' ? null : <LetterStatusBadge status={letter.status} />}
          </>
        }
        description={<Facts letter={letter} />}
        actions={letter.status === 'open' ? <ResolveButtons size="sm" count={1} choice={{ ids: [letter.id] }} onDone={() => router.refresh()} /> : null}
      />
      <Alert
        color="red"
        icon={<IconAlertTriangle size={18} />}
        title={letter.reason === 'poisoned' ? 'It killed the processes that executed it' : 'Every attempt failed'}
        mb="md"
      >
        <Text style={{ overflowWrap: 'anywhere' }}>{letter.message}</Text>
        <Text size="xs" c="dimmed" mt={4}>
          {letter.step ? `Step ${letter.step} · ` : ''}code <code>{letter.code}</code> · {letter.attempts === 1 ? '1 attempt' : `${letter.attempts} attempts`}
        </Text>
      </Alert>
      <div className={classes.cards}>
        <div className={classes.column}>
          {letter.failures.length > 0 ? <Failures letter={letter} /> : null}
          <section className={classes.card} aria-label="End of the log">
            <Title order={2}>How the log ends</Title>
            {letter.tail.length > 0 ? <LogTail tail={letter.tail} /> : <Text c="dimmed">The log was removed by the retention policy.</Text>}
          </section>
        </div>
        <div className={classes.column}>
          {letter.stepInput === null ? null : (
            <section className={classes.card} aria-label="Input of the step">
              <Title order={2}>What the step was given</Title>
              <JsonView value={letter.stepInput} label="Input of the step" maxHeight={280} />
            </section>
          )}
          <section className={classes.card} aria-label="Input of the run">
            <Title order={2}>What the run was given</Title>
            {letter.run ? (
              <JsonView value={letter.run.input} label="Input of the run" maxHeight={280} />
            ) : (
              <Text c="dimmed">The run was removed by the retention policy; it cannot be retried any more.</Text>
            )}
          </section>
        </div>
      </div>
    </>
  );
}

function Facts({ letter: { runId, version, run, at, status, resolvedAt, resolvedBy, retryRunId } }: { letter: Letter }) {
  const { slug: org } = useOrganization();
  return (
    <>
      {run ? (
        <AnchorLink href={`/${org}/runs/${runId}`} underline="always">
          Run {shortRunId(runId)}
        </AnchorLink>
      ) : (
        `Run ${shortRunId(runId)}`
      )}{' '}
      · {version === null ? 'draft' : `version ${version}`}
      {run ? ` · ${triggerWord(run.trigger)}` : ''} · failed <RelativeTime at={at} />
      {status !== 'open' && resolvedAt ? (
        <>
          {' '}
          · {status} <RelativeTime at={resolvedAt} />
          {resolvedBy ? ` by ${resolvedBy}` : ''}
        </>
      ) : null}
      {retryRunId ? (
        <>
          {' '}
          as{' '}
          <AnchorLink href={`/${org}/runs/${retryRunId}`} underline="always">
            run {shortRunId(retryRunId)}
          </AnchorLink>
        </>
      ) : null}
    </>
  );
}

function Failures({ letter: { failures } }: { letter: Letter }) {
  return (
    <section className={classes.card} aria-label="Attempts">
      <Title order={2}>Attempts</Title>
      <dl className={classes.facts}>
        {failures.map(({ attempt, at, error }) => (
          <div key={`${attempt}-${at}`} style={{ display: 'contents' }}>
            <dt>
              {attempt}. <RelativeTime at={at} />
            </dt>
            <dd>
              {error.message} <code>{error.code}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function LogTail({ tail }: { tail: Letter['tail'] }) {
  return (
    <ol className={classes.log} aria-label="Last entries of the log">
      {tail.map(({ seq, at, type, path, message }) => (
        <li key={seq}>
          <time dateTime={at} suppressHydrationWarning>
            {new Date(at).toLocaleTimeString('en-GB')}
          </time>
          <code>{type}</code>
          <span>
            {path}
            {message ? <span className={classes.message}> {message}</span> : null}
          </span>
        </li>
      ))}
    </ol>
  );
}

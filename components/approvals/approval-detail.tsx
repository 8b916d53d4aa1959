'use client';
import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { shortRunId } from '@/components/runs/run-words';
import { Crumbs } from '@/components/shell/crumbs';
import { useOrganization } from '@/components/shell/organization-context';
import { JsonView } from '@/components/ui/json-view';
import { AnchorLink } from '@/components/ui/link';
import { PageHeader } from '@/components/ui/page-header';
import { RelativeTime } from '@/components/ui/relative-time';
import type { Json } from '@/core/workflow/workflow';
import { ApprovalBadge } from './approval-badge';
import classes from './approvals.module.css';
import { assigneeWords } from './assignee-words';
import { DecideForm } from './decide-form';
import { ReassignButton } from './reassign-button';

type Approval = ApiOutputs['approvals']['get'];
const Markdown = dynamic(() => import('@/components/ui/markdown').then((module) => module.Markdown));

/** One approval: what is asked, the data at hand, and the decision. */
export function ApprovalDetail({ initial }: { initial: Approval }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const { data: approval = initial } = useQuery({
    ...trpc.approvals.get.queryOptions({ org, id: initial.id }),
    initialData: initial,
    // it goes away under one's eyes when somebody else decides
    refetchInterval: ({ state }) => (state.data?.status === 'open' ? 10_000 : false),
  });
  const open = approval.status === 'open';
  return (
    <>
      <Crumbs items={[{ label: 'Approvals', href: `/${org}/approvals` }, { label: approval.title }]} />
      <PageHeader
        title={approval.title}
        badge={
          <span aria-live="polite">
            <ApprovalBadge status={approval.status} />
          </span>
        }
        description={<Asked approval={approval} />}
        actions={open && !approval.whyNot ? <ReassignButton approval={approval} /> : null}
      />
      <div className={classes.columns}>
        <div className={classes.main}>
          {approval.message.trim() ? (
            <section className={classes.card} aria-label="Message">
              <Markdown text={approval.message} />
            </section>
          ) : null}
          <section className={classes.card} aria-label="Data">
            <Title order={2}>What it is about</Title>
            <JsonView value={approval.data} label="Data" maxHeight={360} />
          </section>
        </div>
        <div className={classes.side}>
          <section className={classes.card} aria-label="Decision">
            <Title order={2}>{open ? 'Your decision' : 'Decision'}</Title>
            {open ? <DecideForm approval={approval} /> : <Decision approval={approval} />}
          </section>
          <section className={classes.card} aria-label="Facts">
            <Facts approval={approval} />
          </section>
        </div>
      </div>
    </>
  );
}

function Asked({ approval: { run, workflow, createdAt } }: { approval: Approval }) {
  const { slug: org } = useOrganization();
  return (
    <>
      {workflow ? `${workflow.title} · ` : ''}
      <AnchorLink href={`/${org}/runs/${run.id}`} underline="always">
        Run {shortRunId(run.id)}
      </AnchorLink>{' '}
      asked <RelativeTime at={createdAt} />
    </>
  );
}

function Decision({ approval: { status, decision, atDeadline } }: { approval: Approval }) {
  if (status === 'cancelled' || !decision) return <Text c="dimmed">The run ended before anybody decided.</Text>;
  const hasValues = typeof decision.values === 'object' && decision.values !== null && Object.keys(decision.values).length > 0;
  return (
    <>
      <p className={classes.note}>
        {decision.by ? (
          <>
            <b>{decision.by.name}</b> {status === 'approved' ? 'approved' : 'rejected'} this <RelativeTime at={decision.at} />.
          </>
        ) : (
          <>
            Nobody decided until the deadline, <RelativeTime at={decision.at} />. {outcomes[atDeadline ?? ''] ?? ''}
          </>
        )}
      </p>
      {decision.comment ? <p className={classes.note}>“{decision.comment}”</p> : null}
      {hasValues ? <JsonView value={decision.values as Json} label="Values" maxHeight={280} /> : null}
    </>
  );
}

const outcomes: Record<string, string> = {
  approved: 'That counts as approved.',
  rejected: 'That counts as rejected.',
  expired: 'The run left by the exit “expired”.',
  fail: 'The step failed.',
};
const outlooks: Record<string, string> = {
  approved: 'then it counts as approved',
  rejected: 'then it counts as rejected',
  expired: 'then the run takes the exit “expired”',
  fail: 'then the step fails',
};

function Facts({ approval }: { approval: Approval }) {
  const { assignees, deadline, atDeadline, status, path, reminders, escalateAt, escalatedAt } = approval;
  const open = status === 'open';
  const added = assignees.filter((each) => each.added === 'escalated');
  return (
    <dl className={classes.facts}>
      <dt>Asks</dt>
      <dd>{assigneeWords(assignees)}</dd>
      {deadline && (open || status === 'expired') ? (
        <>
          <dt>Deadline</dt>
          <dd>
            <RelativeTime at={deadline} />
            {open && atDeadline ? `, ${outlooks[atDeadline] ?? ''}` : ''}
          </dd>
        </>
      ) : null}
      {(open && escalateAt) || escalatedAt ? (
        <>
          <dt>{escalatedAt ? 'Escalated' : 'Escalates'}</dt>
          <dd>
            <RelativeTime at={escalatedAt ?? escalateAt} />
            {added.length > 0 ? ` to ${assigneeWords(added)}` : ''}
          </dd>
        </>
      ) : null}
      {reminders > 0 ? (
        <>
          <dt>Reminded</dt>
          <dd>{reminders === 1 ? 'once' : `${reminders} times`}</dd>
        </>
      ) : null}
      <dt>Step</dt>
      <dd>{path}</dd>
    </dl>
  );
}

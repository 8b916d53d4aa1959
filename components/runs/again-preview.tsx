'use client';
import { Badge, Group, Loader, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import type { StepView } from '@/core/runs/fold-run';
import classes from './run.module.css';

interface Props {
  runId: string;
  from: string | null;
  version: 'same' | 'current';
  edited: string | undefined;
  steps: readonly StepView[];
}

/** Which steps a new run would keep, and which it would do. */
export function AgainPreview({ runId, from, version, edited, steps }: Props) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const input = { org, runId, version, ...(from ? { from } : {}), ...(edited ? { outputs: [edited] } : {}) };
  const { data, error } = useQuery({ ...trpc.runs.previewRerun.queryOptions(input), placeholderData: keepPreviousData, retry: false });
  if (error)
    return (
      <Text c="red" size="sm" role="alert">
        {readApiError(error).message}
      </Text>
    );
  if (!data) return <Loader size="sm" aria-label="Looking which steps are kept" />;
  const title = (id: string) => steps.find((s) => s.id === id)?.title ?? id;
  return (
    <dl className={classes.preview}>
      <dt>Runs</dt>
      <dd>
        <Steps ids={data.again} title={title} color="blue" none="nothing" />
      </dd>
      <dt>Kept</dt>
      <dd>
        <Steps ids={data.kept} title={title} color="gray" none="nothing" />
      </dd>
    </dl>
  );
}

const most = 30;

function Steps({ ids, title, color, none }: { ids: string[]; title: (id: string) => string; color: string; none: string }) {
  if (ids.length === 0)
    return (
      <Text span size="sm" c="dimmed">
        {none}
      </Text>
    );
  return (
    <Group gap={4}>
      {ids.slice(0, most).map((id) => (
        <Badge key={id} variant="light" color={color} size="sm" tt="none">
          {title(id)}
        </Badge>
      ))}
      {ids.length > most ? (
        <Text span size="xs" c="dimmed">
          and {ids.length - most} more
        </Text>
      ) : null}
    </Group>
  );
}

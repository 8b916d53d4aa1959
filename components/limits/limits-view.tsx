'use client';
import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { QueryState } from '@/components/ui/query-state';
import { GateTable } from './gate-table';
import { ScopeTable } from './scope-table';

export type Limits = ApiOutputs['limits']['get'];

const refreshMs = 5_000;

/** The caps of the organization and its projects, which can be set here, and those that workflows name themselves. */
export function LimitsView({ initial }: { initial: Limits | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.limits.get.queryOptions({ org }), initialData: initial, refetchInterval: refreshMs });
  return (
    <QueryState query={query} rows={4}>
      {(limits) => (
        <Stack gap="xl">
          <section aria-labelledby="limits-scopes">
            <Title order={2} size="h4" id="limits-scopes" mb="xs">
              Organization and projects
            </Title>
            <ScopeTable limits={limits} />
          </section>
          <section aria-labelledby="limits-workflows">
            <Title order={2} size="h4" id="limits-workflows" mb={4}>
              Workflows
            </Title>
            <Text size="sm" c="dimmed" mb="xs">
              Set in a workflow’s own settings: <code>concurrency</code> and <code>rate</code>, for the whole workflow or for each value of a key.
            </Text>
            <GateTable limits={limits} />
          </section>
        </Stack>
      )}
    </QueryState>
  );
}

'use client';
import { Text } from '@mantine/core';
import { IconTrafficLights } from '@tabler/icons-react';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import { AnchorLink } from '@/components/ui/link';
import list from '@/components/ui/list.module.css';
import { RelativeTime } from '@/components/ui/relative-time';
import { counted } from './counted';
import type { Limits } from './limits-view';

type Gate = Limits['gates'][number];

const hour = 3_600_000;
const periods: Record<number, string> = { 1000: 'second', 60000: 'minute', 3600000: 'hour', 86400000: 'day' };

/** The limits that workflows name themselves, as far as runs have come by lately; those that hold somebody back come first. */
export function GateTable({ limits: { gates, more } }: { limits: Limits }) {
  const { slug } = useOrganization();
  if (gates.length === 0) {
    return (
      <EmptyState icon={<IconTrafficLights size={22} />} title="No workflow is limited right now">
        Limits of workflows show here while their runs come by.
      </EmptyState>
    );
  }
  return (
    <>
      <div className={list.frame}>
        <table className={list.table}>
          <thead>
            <tr>
              <th scope="col">Workflow</th>
              <th scope="col">Running</th>
              <th scope="col">Waiting</th>
            </tr>
          </thead>
          <tbody>
            {gates.map((gate) => (
              <tr key={gate.name}>
                <td className={list.main}>
                  <span className={list.clip} style={{ fontWeight: 600 }}>
                    <AnchorLink href={`/${slug}/workflows/${gate.workflow.id}`}>{gate.workflow.title}</AnchorLink>
                  </span>
                  <span className={`${list.dim} ${list.clip}`}>{words(gate)}</span>
                </td>
                <td>{gate.concurrency === null ? <span className={list.dim}>–</span> : `${gate.running} of ${gate.concurrency}`}</td>
                <td>
                  {counted(gate.held)}
                  {gate.nextAt && gate.held > 0 && (gate.rate?.ms ?? 0) >= hour ? (
                    <span className={`${list.dim} ${list.wide}`}>
                      {' '}
                      · next <RelativeTime at={gate.nextAt} ahead />
                    </span>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more ? (
        <Text size="sm" c="dimmed" mt="xs">
          There are more; the busiest are shown.
        </Text>
      ) : null}
    </>
  );
}

function words({ concurrency, rate, key }: Gate): string {
  const what = rate
    ? `${rate.limit.toLocaleString('en-US')} starts a ${periods[rate.ms] ?? `${rate.ms} ms`}`
    : `${concurrency?.toLocaleString('en-US')} at the same time`;
  return key ? `${what}, for the key ${key}…` : what;
}

'use client';
import { Button, Text } from '@mantine/core';
import { IconDownload, IconFile } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { formatBytes } from '@/components/ui/format-bytes';
import classes from './run-files.module.css';

/** ms between looks while the run goes on: steps that end may have written files */
const pause = 4_000;

/** The files that a run produced, to be downloaded; nothing while there are none. */
export function RunFiles({ runId, live }: { runId: string; live: boolean }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const query = useInfiniteQuery({
    ...trpc.artifacts.list.infiniteQueryOptions({ org, runId, limit: 50 }, { getNextPageParam: (page) => page.nextCursor }),
    refetchInterval: live ? pause : false,
  });
  // the last step may have written one after the last look
  const was = useRef(live);
  const { refetch } = query;
  useEffect(() => {
    if (was.current && !live) void refetch();
    was.current = live;
  }, [live, refetch]);
  const files = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.error && files.length === 0) {
    return (
      <Text c="dimmed" size="sm" mt="md" role="status">
        The files of this run could not be listed. {readApiError(query.error).message}
      </Text>
    );
  }
  if (files.length === 0) return null;
  return (
    <section className={classes.files} aria-label="Files of the run">
      <h2 className={classes.title}>Files</h2>
      <ul className={classes.list}>
        {files.map((file) => (
          <li key={file.id}>
            <a className={classes.file} href={`/${org}/runs/${runId}/files/${file.id}`} download={file.name}>
              <IconFile size={18} aria-hidden />
              <span className={classes.name}>{file.name}</span>
              <span className={classes.dim}>
                <span className={classes.step}>{file.path}</span>
                <span className={classes.size}>{formatBytes(file.size)}</span>
              </span>
              <IconDownload size={16} aria-label="Download" />
            </a>
          </li>
        ))}
      </ul>
      {query.hasNextPage ? (
        <Button variant="default" size="xs" m="sm" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more files
        </Button>
      ) : null}
    </section>
  );
}

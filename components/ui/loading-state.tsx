import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

/** Grey rows in the shape of what comes, announced once to screen readers. */
export function LoadingState({ rows = 6, height = 48, label = 'Loading' }: { rows?: number; height?: number; label?: string }) {
  return (
    <Stack gap="xs" role="status" aria-live="polite">
      <VisuallyHidden>{label}…</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={`row-${row.toString()}`} height={height} radius="md" style={{ opacity: 1 - row / (rows + 1) }} />
      ))}
    </Stack>
  );
}

import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** Title of a page, one sentence under it, and its actions at the right (below on a phone). */
export function PageHeader({ title, description, actions, badge }: { title: ReactNode; description?: ReactNode; actions?: ReactNode; badge?: ReactNode }) {
  return (
    <Group justify="space-between" align="flex-start" gap="md" mb="lg" wrap="wrap">
      <div style={{ minWidth: 0, flex: '1 1 260px' }}>
        <Group gap="xs" wrap="wrap">
          <Title order={1} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          {badge}
        </Group>
        {description ? (
          <Text c="dimmed" mt={4} maw={680}>
            {description}
          </Text>
        ) : null}
      </div>
      {actions ? <Group gap="xs">{actions}</Group> : null}
    </Group>
  );
}

'use client';
import { useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconBook, IconBuildingStore, IconFileImport, IconLogout, IconMoon, IconPlus, IconSchema, IconSearch, IconSun } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTRPC } from '@/components/api/trpc-client';
import { signOutHere } from '@/components/auth/auth-requests';
import { openImport } from '@/components/workflows/import-workflow';
import { useCreateWorkflow } from '@/components/workflows/new-workflow-menu';
import { placesOf } from './navigation';
import { useOrganization } from './organization-context';

/** Ctrl/⌘ K: go to a page or workflow, or do something, from the keyboard. */
export function CommandPalette({ shortcut }: { shortcut: string | null }) {
  const [query, setQuery] = useState('');
  const [opened, setOpened] = useState(false);
  const actions = [...useWorkflowActions(query, opened), ...usePageActions(), ...useCommandActions()];
  return (
    <Spotlight
      actions={actions.filter((group) => group.actions.length > 0)}
      query={query}
      onQueryChange={setQuery}
      onSpotlightOpen={() => setOpened(true)}
      onSpotlightClose={() => setOpened(false)}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      shortcut={shortcut}
      triggerOnContentEditable={false}
      scrollable
      maxHeight={420}
      limit={24}
      highlightQuery
      nothingFound="Nothing by that name."
      searchProps={{ leftSection: <IconSearch size={18} />, placeholder: 'Go to, or do…', 'aria-label': 'Search pages, workflows and commands' }}
    />
  );
}

function useWorkflowActions(query: string, opened: boolean): SpotlightActionGroupData[] {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const router = useRouter();
  const [text] = useDebouncedValue(query.trim(), 150);
  const { data } = useQuery({
    ...trpc.workflows.list.queryOptions({ org, limit: 12, ...(text ? { text } : {}) }),
    enabled: opened,
    placeholderData: (previous) => previous,
  });
  const actions = (data?.items ?? []).map((workflow) => ({
    id: workflow.id,
    label: workflow.title,
    description: workflow.project.name,
    leftSection: <IconSchema size={18} stroke={1.7} />,
    onClick: () => router.push(`/${org}/workflows/${workflow.id}`),
  }));
  return [{ group: 'Workflows', actions }];
}

function usePageActions(): SpotlightActionGroupData[] {
  const { slug: org, memberships } = useOrganization();
  const router = useRouter();
  const go = (label: string, href: string, Icon: typeof IconBook): SpotlightActionData => ({
    id: href,
    label,
    leftSection: <Icon size={18} stroke={1.7} />,
    onClick: () => router.push(href),
  });
  const settings = [
    ['Members', 'members'],
    ['API keys', 'api-keys'],
    ['Credentials', 'credentials'],
    ['Audit log', 'audit'],
  ] as const;
  const places = placesOf(org);
  const settingsIcon = places.at(-1)?.icon ?? IconBook;
  return [
    {
      group: 'Pages',
      actions: [
        ...places.map((place) => go(place.label, place.href, place.icon)),
        ...settings.map(([label, page]) => go(label, `/${org}/settings/${page}`, settingsIcon)),
        go('Templates', `/store?org=${org}`, IconBuildingStore),
        go('Docs', '/docs', IconBook),
      ],
    },
    { group: 'Organizations', actions: memberships.filter(({ slug }) => slug !== org).map(({ slug, name }) => go(name, `/${slug}`, settingsIcon)) },
  ];
}

function useCommandActions(): SpotlightActionGroupData[] {
  const { can } = useOrganization();
  const { create } = useCreateWorkflow();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const other = colorScheme === 'dark' ? 'light' : 'dark';
  const make: SpotlightActionData[] = [
    { id: 'new-workflow', label: 'New blank workflow', leftSection: <IconPlus size={18} stroke={1.7} />, onClick: () => create() },
    { id: 'import', label: 'Import AWL', leftSection: <IconFileImport size={18} stroke={1.7} />, onClick: () => openImport() },
  ];
  return [
    {
      group: 'Commands',
      actions: [
        ...(can('workflow:create') ? make : []),
        {
          id: 'scheme',
          label: `Switch to ${other}`,
          leftSection: other === 'dark' ? <IconMoon size={18} /> : <IconSun size={18} />,
          onClick: () => setColorScheme(other),
        },
        { id: 'sign-out', label: 'Sign out', leftSection: <IconLogout size={18} stroke={1.7} />, onClick: () => void signOutHere() },
      ],
    },
  ];
}

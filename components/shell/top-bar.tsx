'use client';
import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconLogout, IconSelector } from '@tabler/icons-react';
import Link from 'next/link';
import { signOutHere } from '@/components/auth/auth-requests';
import { ColorSchemeItems } from '@/components/ui/color-scheme-menu';
import { LogoMark } from '@/components/ui/logo';
import { useOrganization } from './organization-context';
import classes from './shell.module.css';
import { topBarSlots } from './top-bar-slot';

/** Logo, organization, where we are; the page's own controls; the person's menu. */
export function TopBar() {
  const { slug } = useOrganization();
  return (
    <header className={classes.top}>
      <Link href={`/${slug}`} className={classes.home} aria-label="Home">
        <LogoMark />
      </Link>
      <OrganizationMenu />
      <div id={topBarSlots.crumbs} className={classes.slotCrumbs} />
      <div id={topBarSlots.center} className={classes.slotCenter} />
      <div id={topBarSlots.actions} className={classes.slotActions} />
      <PersonMenu />
    </header>
  );
}

function OrganizationMenu() {
  const { name, slug, memberships } = useOrganization();
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <UnstyledButton className={classes.organization} aria-label={`Organization ${name}, switch`}>
          <span>{name}</span>
          <IconSelector size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Your organizations</Menu.Label>
        {memberships.map((membership) => (
          <Menu.Item
            key={membership.slug}
            component={Link}
            href={`/${membership.slug}`}
            rightSection={membership.slug === slug ? <IconCheck size={16} aria-label="this one" /> : null}
          >
            <span className={classes.truncate}>{membership.name}</span>
            <Text size="xs" c="dimmed">
              {membership.role}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function PersonMenu() {
  const { person } = useOrganization();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.person}>
          <Avatar name={person.name} size={30} color="iris" />
          <VisuallyHidden>{person.name}, your menu</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.personHead}>
          <Text fw={600} truncate>
            {person.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {person.email}
          </Text>
        </div>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        <ColorSchemeItems />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOutHere()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

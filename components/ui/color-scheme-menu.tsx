'use client';
import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import { IconCheck, IconContrast2, IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { isHighContrast, setContrast } from './contrast';

const schemes = [
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
  { value: 'auto', label: 'Like the system', icon: IconDeviceDesktop },
] as const;

/** Menu entries that choose light, dark or the system's, and high contrast; put them inside any Menu.Dropdown. */
export function ColorSchemeItems() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [high, setHigh] = useState(false);
  useEffect(() => setHigh(isHighContrast()), []);
  return (
    <>
      {schemes.map(({ value, label, icon: Icon }) => (
        <Menu.Item
          key={value}
          leftSection={<Icon size={16} />}
          rightSection={colorScheme === value ? <IconCheck size={16} /> : null}
          onClick={() => setColorScheme(value)}
          role="menuitemradio"
          aria-checked={colorScheme === value}
        >
          {label}
        </Menu.Item>
      ))}
      <Menu.Item
        leftSection={<IconContrast2 size={16} />}
        rightSection={high ? <IconCheck size={16} /> : null}
        role="menuitemcheckbox"
        aria-checked={high}
        onClick={() => {
          setContrast(high ? 'normal' : 'more');
          setHigh(!high);
        }}
      >
        High contrast
      </Menu.Item>
    </>
  );
}

/** The colour scheme menu behind one icon; it is there to be loaded late, so it opens at once. */
export default function ColorSchemeMenu() {
  return (
    <Menu position="bottom-end" width={200} defaultOpened>
      <Menu.Target>
        <ActionIcon aria-label="Appearance">
          <IconMoon size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <ColorSchemeItems />
      </Menu.Dropdown>
    </Menu>
  );
}

'use client';
import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core';
import { IconMoon } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { isHighContrast, setContrast } from './contrast';

const schemes = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'Like the system' },
] as const;

/** Menu entries that choose light, dark or the system's, and high contrast; put them inside any Menu.Dropdown. */
export function ColorSchemeItems() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [high, setHigh] = useState(false);
  useEffect(() => setHigh(isHighContrast()), []);
  return (
    <>
      <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
        {schemes.map(({ value, label }) => (
          <Menu.RadioItem key={value} value={value}>
            {label}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.CheckboxItem
        checked={high}
        onChange={(more) => {
          setContrast(more ? 'more' : 'normal');
          setHigh(more);
        }}
      >
        High contrast
      </Menu.CheckboxItem>
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

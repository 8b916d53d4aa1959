'use client';
import { ActionIcon } from '@mantine/core';
import { IconMoon } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

const load = () => import('./color-scheme-menu');
const ColorSchemeMenu = lazy(load);

/** Opens the colour scheme menu. Public pages fetch it when a pointer or the focus comes near: menus are a quarter of their JavaScript. */
export function ColorSchemeButton() {
  const [wanted, setWanted] = useState(false);
  const button = (
    <ActionIcon
      aria-label="Appearance"
      aria-haspopup="menu"
      title="Appearance"
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => setWanted(true)}
    >
      <IconMoon size={18} />
    </ActionIcon>
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <ColorSchemeMenu />
    </Suspense>
  );
}

'use client';
import { type ReactNode, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';

export const topBarSlots = { crumbs: 'hd-topbar-crumbs', center: 'hd-topbar-center', actions: 'hd-topbar-actions' } as const;

/** Puts a page's own controls into the shell's top bar: its breadcrumb, its tabs in the middle, its buttons at the right. */
export function TopBarSlot({ place, children }: { place: keyof typeof topBarSlots; children: ReactNode }) {
  const [target, setTarget] = useState<HTMLElement | null>(null);
  useEffect(() => setTarget(document.getElementById(topBarSlots[place])), [place]);
  return target ? createPortal(children, target) : null;
}

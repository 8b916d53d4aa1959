'use client';
import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';

type LinkRest = Omit<ComponentProps<typeof Link>, 'color' | 'style' | 'children'> & { children?: ReactNode };

/** Server components cannot hand `Link` to Mantine as a prop, so the pairs are made here. A link that looks like a button. */
export function ButtonLink(props: ButtonProps & LinkRest) {
  return <Button component={Link} {...props} />;
}

/** A link in running text. */
export function AnchorLink(props: AnchorProps & LinkRest) {
  return <Anchor component={Link} {...props} />;
}

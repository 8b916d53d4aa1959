'use client';
import { MantineProvider } from '@mantine/core';
import { setNonce } from 'get-nonce';
import type { ReactNode } from 'react';
import { cssVariables, theme } from './theme';

/** Mantine with Heddle's theme. `nonce` is the page's CSP nonce, for the style tags Mantine writes. */
export function ThemeProvider({ nonce, children }: { nonce?: string; children: ReactNode }) {
  // the style tag that stops the page from scrolling behind a dialog is written by a library below Mantine's
  if (typeof window !== 'undefined' && nonce) setNonce(nonce);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce ?? ''}>
      {children}
    </MantineProvider>
  );
}

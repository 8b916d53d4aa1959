'use client';
import { usePathname } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { BottomBar } from './bottom-bar';
import { CommandPalette } from './command-palette';
import { isFullBleed } from './navigation';
import { Rail } from './rail';
import classes from './shell.module.css';
import { TopBar } from './top-bar';

/** The frame of every page of an organization: top bar, rail (bottom bar on a phone), command palette. The editor brings its own rail and its own Ctrl K. */
export function AppShell({ railOpen, children }: { railOpen: boolean; children: ReactNode }) {
  const path = usePathname();
  const fullBleed = isFullBleed(path);
  const [open, setOpen] = useState(railOpen);
  const toggle = () => {
    // A cookie rather than storage, so that the server already draws the rail as it was left.
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
    document.cookie = `heddle-rail=${open ? 'closed' : 'open'}; path=/; max-age=31536000; samesite=lax`;
    setOpen(!open);
  };
  return (
    <div className={classes.shell} data-rail={open ? 'open' : 'closed'} data-full-bleed={fullBleed}>
      <a href="#content" className="hd-skip">
        Skip to content
      </a>
      <TopBar />
      {/* the editor has a rail of its own, with its tools */}
      {fullBleed ? null : <Rail open={open} onToggle={toggle} />}
      <main id="content" tabIndex={-1} className={classes.main} data-full-bleed={fullBleed}>
        {fullBleed ? children : <div className={classes.page}>{children}</div>}
      </main>
      <BottomBar />
      <CommandPalette shortcut={fullBleed ? null : 'mod + K'} />
    </div>
  );
}

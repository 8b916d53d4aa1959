import Link from 'next/link';
import type { ReactNode } from 'react';
import { ColorSchemeButton } from '@/components/ui/color-scheme-button';
import { AnchorLink, ButtonLink } from '@/components/ui/link';
import { LogoMark } from '@/components/ui/logo';
import classes from './site.module.css';

const links = [
  { href: '/store', label: 'Templates' },
  { href: '/docs', label: 'Docs' },
  { href: '/status', label: 'Status' },
];

/** Header and footer of the public pages. `home` is where a signed-in person goes on, absent for strangers. */
export function SiteFrame({ home, children }: { home?: string; children: ReactNode }) {
  return (
    <div className={classes.frame}>
      <a href="#content" className="hd-skip">
        Skip to content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link href="/" className={classes.brand} aria-label="Heddle, home">
            <LogoMark /> <span>Heddle</span>
          </Link>
          <nav aria-label="Main" className={classes.nav}>
            {links.map((link) => (
              <Link key={link.href} href={link.href} className={classes.link}>
                {link.label}
              </Link>
            ))}
          </nav>
          <div className={classes.side}>
            <ColorSchemeButton />
            {home ? (
              <ButtonLink href={home}>Open Heddle</ButtonLink>
            ) : (
              <>
                <ButtonLink href="/signin" variant="subtle" color="gray" className={classes.signIn}>
                  Sign in
                </ButtonLink>
                <ButtonLink href="/signup">Get started</ButtonLink>
              </>
            )}
          </div>
        </div>
      </header>
      <main id="content" className={classes.main}>
        {children}
      </main>
      <footer className={classes.footer}>
        <div className={classes.bar}>
          <span className={classes.dim}>Heddle guides each thread.</span>
          <nav aria-label="Footer" className={classes.footerNav}>
            {links.map((link) => (
              <AnchorLink key={link.href} href={link.href} className={classes.dim}>
                {link.label}
              </AnchorLink>
            ))}
            <a href="/openapi.json" className={classes.dim}>
              API
            </a>
            <AnchorLink href={home ?? '/signin'} className={classes.dim}>
              {home ? 'Open Heddle' : 'Sign in'}
            </AnchorLink>
          </nav>
        </div>
      </footer>
    </div>
  );
}

import classes from './docs.module.css';

/** A piece of text as a program would read it. */
export function Source({ label, children }: { label: string; children: string }) {
  return (
    <pre className={classes.source} tabIndex={0} aria-label={label}>
      <code>{children}</code>
    </pre>
  );
}

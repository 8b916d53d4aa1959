import ReactMarkdown, { type Components } from 'react-markdown';
import classes from './markdown.module.css';

/** Headings of the text go below those of the page; pictures are their words, so that nobody learns that somebody looked. */
const parts: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  h4: ({ children }) => <h4>{children}</h4>,
  h5: ({ children }) => <h4>{children}</h4>,
  h6: ({ children }) => <h4>{children}</h4>,
  img: ({ alt }) => <em>{alt || 'picture'}</em>,
  a: ({ href, children }) =>
    href ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  // what scrolls sideways has to be reachable by keyboard
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
};

/** Text that somebody wrote as Markdown. HTML in it is text; addresses other than http, https and mailto are no links. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={classes.text}>
      <ReactMarkdown components={parts}>{text}</ReactMarkdown>
    </div>
  );
}

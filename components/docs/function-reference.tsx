import { functions } from '@/core/expression/functions/function-table';
import classes from './docs.module.css';

/** Every function of the expression language, from the table the engine itself uses. */
export function FunctionReference() {
  return (
    <section className={classes.scroll} tabIndex={0} aria-label="Table of functions">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Function</th>
            <th scope="col">What it does</th>
          </tr>
        </thead>
        <tbody>
          {[...functions.values()].map((spec) => (
            <tr key={spec.name}>
              <th scope="row">
                <code>{spec.signature}</code>
              </th>
              <td>{spec.summary}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

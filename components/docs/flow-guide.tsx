import classes from './docs.module.css';
import { Source } from './source';

const sample = `steps:
  - id: each
    uses: for-each
    with: {items: "{{ input.ids }}", concurrency: 10, errors: collect}
    steps:
      - {id: fetch, uses: http, with: {url: "https://crm.example.com/{{ item }}?n={{ index }}"}}
  - {id: ask, uses: approval, depends_on: [each], timeout: 3d, with: {title: Pay?}}
  - {id: pay, uses: http, depends_on: [ask.approved], with: {method: POST, url: "https://pay.example.com"}, compensate: refund}
  - {id: refund, uses: http, with: {method: DELETE, url: "https://pay.example.com/{{ data.body.id }}"}}
  - {id: ship, uses: http, depends_on: [pay], with: {url: "https://ship.example.com"}, on_error: compensate}`;

/** Error codes a step or run may fail with, and when; docs/how-to/control-flow.md has the same table. */
const codes: [names: string, when: string][] = [
  ['timeout', 'a step, a request or the whole run took longer than it may'],
  ['wait_timeout', 'nobody answered within the step’s timeout'],
  ['approval_expired', 'nobody decided before the deadline of an approval'],
  ['http_404, http_429, http_503 …', 'a service answered with this status; http_4* and http_5* mean them all'],
  ['connection_refused, connection_lost, dns_failed, unreachable', 'a service could not be reached'],
  ['tls_failed, invalid_answer, too_many_redirects, request_failed', 'a request failed in another way'],
  ['egress_denied', 'the address is not a public one'],
  ['circuit_open', 'calls to this service are stopped for a while, after most of them failed'],
  ['too_large, output_too_large, output_too_deep, run_too_large', 'an answer, an output or the log of the run is larger than Heddle keeps'],
  ['expression', 'an expression could not be computed'],
  ['code_error, code_timeout, code_memory', 'the code of a step threw an error, ran too long or took too much memory'],
  ['model_error, unknown_model', 'a model’s provider answered with an error; there is no such model'],
  ['credential_not_found, credential_host', 'there is no such credential; it may not be sent to this host'],
  ['loop_limit', 'a while went round as often as max allows'],
  ['no_such_workflow, no_such_version, not_published, invalid_input', 'another workflow could not be called'],
  ['too_deep, too_many_runs', 'workflows call each other too deep, or too often'],
  ['cancelled', 'somebody stopped the run, or the run that a step waits for'],
  ['poisoned', 'the run killed the workers that ran it three times'],
  ['internal', 'a fault of Heddle; its log has the error id'],
];

/** Loops, joins, waits, what happens after an error, limits. */
export function FlowGuide() {
  return (
    <>
      <p>
        <b>Loops</b>: <code>for-each</code> does its own steps for each item of a list, <code>while</code> as long as its condition holds. Inside,{' '}
        <code>item</code> is the item (of a <code>while</code> what the round before gave) and <code>index</code> its number from 0.
      </p>
      <Source label="A loop, a wait and a step that is undone">{sample}</Source>
      <p>
        <b>Joins</b>: a step waits for all it depends on. <code>join: any</code> starts it with the first that arrives, <code>join: 2</code> with the second.
      </p>
      <p>
        <b>Waits</b>: <code>delay</code>, <code>signal</code>, <code>approval</code>, <code>wait-for-event</code>, <code>callback</code> and{' '}
        <code>workflow</code> wait without costing anything, for days if need be. The <code>timeout</code> of a step bounds its wait.
      </p>
      <p>
        <b>Errors</b>: besides the four above, <code>on_error</code> may be <code>skip</code> (as if the step had been skipped), <code>{'{version: N}'}</code>{' '}
        (try it as it is in version N) or <code>compensate</code>: what was completed is undone, the last step first, each by the step that its{' '}
        <code>compensate</code> names; then the run fails.
      </p>
      <p>
        <b>Limits</b> stand in <code>settings</code>: <code>concurrency</code> and <code>rate</code> let runs wait their turn, <code>dedupe</code> starts
        nothing twice, <code>debounce</code> makes one run of starts that follow each other, <code>priority</code> lets urgent ones pass.
      </p>
    </>
  );
}

/** What went wrong, by code. */
export function ErrorCodes() {
  return (
    <>
      <p>
        A step’s <code>{'retry: {attempts: 3, on: [timeout, http_5*]}'}</code> takes these codes, and <code>steps.ID.error.code</code> tells them.
      </p>
      <section className={classes.scroll} tabIndex={0} aria-label="Table of error codes">
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {codes.map(([names, when]) => (
              <tr key={names}>
                <th scope="row">
                  <code>{names}</code>
                </th>
                <td>{when}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

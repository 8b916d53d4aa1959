import classes from './docs.module.css';
import { Source } from './source';

const sample = `workflow:
  name: data-pipeline
  title: Data pipeline
  input: {type: object, properties: {url: {type: string}}, required: [url]}
  triggers:
    - webhook: {method: POST, respond: last}
    - schedule: {cron: "0 9 * * *", timezone: Europe/Berlin}
  settings: {timeout: 10m}
  steps:
    - id: fetch
      uses: http
      with: {method: GET, url: "{{ input.url }}"}
      timeout: 30s
      retry: 3
    - id: large
      uses: condition
      depends_on: [fetch]
      with: {if: "size(data.body.items) > 100"}
    - id: summarise
      agent: analyst
      depends_on: [large.true]
  output: "{{ steps.summarise.output }}"`;

const names: [string, string][] = [
  ['input', 'what the run was started with'],
  ['data', 'the output of the step before; with several, an object by step id'],
  ['steps.ID.output', 'the output of any earlier step; also status and error'],
  ['run.id, run.attempt, run.startedAt', 'this run'],
  ['run.callbackUrl', 'the address of this run for callbacks; a step’s own is {{ run.callbackUrl }}/STEP'],
  ['workflow.name, workflow.version', 'this workflow'],
  ['vars, env', 'variables of the run and of the project'],
];

/** The words a newcomer needs first. */
export function StartGuide() {
  return (
    <>
      <p>
        A <b>workflow</b> is a drawing of steps. A <b>run</b> is one execution of it; every finished step of a run is saved, so a run goes on after a crash and
        can be retried from any step. A <b>trigger</b> starts runs: by hand, a webhook, a schedule or the API.
      </p>
      <ol>
        <li>Open a workflow and press Run. Steps light up as they work; click one to see what went in and out.</li>
        <li>Press the plus, choose a step and connect it. What you change is saved as a draft at once.</li>
        <li>Publish. From then on webhooks, schedules and the API run that version; drafts change nothing for them.</li>
      </ol>
    </>
  );
}

export function AwlGuide() {
  return (
    <>
      <p>
        Every workflow is also a file in AWL, as YAML or JSON: export it, keep it in Git, apply it with <code>npx heddle apply FILE</code>. The JSON Schema is
        at <a href="/schemas/awl.json">/schemas/awl.json</a>, for completion in your editor.
      </p>
      <Source label="A workflow in AWL">{sample}</Source>
      <p>
        A step runs when everything it depends on is settled and at least one of it led here. <code>depends_on: [check.true]</code> names the exit of a step.{' '}
        <code>on_error</code> says what happens when retries are used up: <code>fail</code>, <code>continue</code>, <code>{'{fallback: VALUE}'}</code> or{' '}
        <code>{'{goto: STEP}'}</code>. Durations are written <code>30s</code>, <code>10m</code>, <code>2h</code>, <code>1d</code>.
      </p>
    </>
  );
}

export function ExpressionGuide() {
  return (
    <>
      <p>
        Settings may hold expressions in <code>{'{{ }}'}</code>. They are CEL, which always ends and touches nothing outside. A text that is one expression
        alone keeps its type; in mixed text the result is put in as text.
      </p>
      <Source label="Expressions">{`{{ input.total * 1.2 }}
Hello {{ default(input.name, "you") }}
{{ data.items.filter(i, i.price > 10).map(i, i.name) }}`}</Source>
      <dl className={classes.names}>
        {names.map(([name, what]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

export function ApiGuide() {
  return (
    <>
      <p>
        Make a key under Settings, API keys, and send it as a bearer token. Every call and field is described in <a href="/openapi.json">/openapi.json</a>.
      </p>
      <Source label="Starting a run over HTTP">{`curl "$URL/api/v1/workflows/research-report/runs?wait=20" \\
  -H "Authorization: Bearer $KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"input": {"topic": "coffee"}}'`}</Source>
      <p>
        A repeated POST with the same <code>Idempotency-Key</code> gets the first answer. Errors are problem documents with the places at fault.{' '}
        <code>GET /api/v1/runs/ID/events</code> with <code>Accept: text/event-stream</code> is the run as it happens.
      </p>
    </>
  );
}

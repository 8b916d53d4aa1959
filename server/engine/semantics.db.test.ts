import { describe, expect, it } from 'vitest';
import { StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { engineSuite, queueRun, storeWorkflow } from './testing';

const { suite, ended, start, run, log, mail, status } = engineSuite();
const { behaviours, services } = suite;

describe('for-each', () => {
  it('gives the results in the order of the items, so many at a time', async () => {
    let now = 0;
    let most = 0;
    behaviours.work = async ({ data }) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 30 - 3 * (data as number)));
      now--;
      return (data as number) * 10;
    };
    const each =
      '{id: each, uses: for-each, with: {items: "{{ input.rows }}", concurrency: 3}, steps: [{id: work, uses: code, with: {source: work}}, {id: note, uses: transform, depends_on: [work], with: {value: "{{ index }}:{{ item }}:{{ data }}"}}]}';
    expect(await run(`steps: [${each}]`, { rows: [1, 2, 3, 4, 5, 6, 7] })).toMatchObject({
      status: 'succeeded',
      output: ['0:1:10', '1:2:20', '2:3:30', '3:4:40', '4:5:50', '5:6:60', '6:7:70'],
    });
    expect(most).toBe(3);
  });

  it('of nothing gives nothing', async () => {
    expect(await run('steps: [{id: each, uses: for-each, with: {items: []}, steps: [{id: a}]}]')).toMatchObject({ status: 'succeeded', output: [] });
  });

  it('collects errors, or fails fast and aborts the others', async () => {
    let aborted = 0;
    behaviours.odd = ({ data, signal }) => {
      if (data === 3) throw new StepError('odd', 'three is odd', { retryable: false });
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(++aborted));
        if (data !== 'hang') resolve(data);
      });
    };
    const each = (settings: string) =>
      `steps: [{id: each, uses: for-each, with: {items: "{{ input.rows }}", ${settings}}, steps: [{id: odd, uses: code, with: {source: odd}}]}]`;
    expect(await run(each('errors: collect'), { rows: [1, 3, 5] })).toMatchObject({
      status: 'succeeded',
      output: { results: [1, null, 5], errors: [{ index: 1, code: 'odd', step: 'odd' }], count: 3 },
    });
    const failed = await run(each('concurrency: 3'), { rows: ['hang', 3, 'hang'] });
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'odd', message: 'three is odd' } });
    expect(aborted).toBe(2);
  });

  it('goes through 10,000 items, and in a loop in a loop', async () => {
    const items = Array.from({ length: 10_000 }, (_, i) => i);
    const many = await run(
      'steps: [{id: each, uses: for-each, with: {items: "{{ input }}", concurrency: 10}, steps: [{id: t, uses: transform, with: {value: "{{ item + 1 }}"}}]}], output: "{{ size(data) }}"',
      items,
    ).catch(String);
    expect(many).toMatchObject({ status: 'succeeded' });
    const nested =
      'steps: [{id: outer, uses: for-each, with: {items: "{{ input.rows }}"}, steps: [{id: inner, uses: for-each, with: {items: "{{ item }}"}, steps: [{id: t, uses: transform, with: {value: "{{ index }}-{{ item }}"}}]}]}]';
    const id = await start(nested, { rows: [['a', 'b'], [], ['c']] });
    expect(await ended(id)).toMatchObject({ output: [['0-a', '1-b'], [], ['0-c']] });
    expect(await log(id)).toContain('t[2][0] step.succeeded');
  });

  it('says when it is given no list', async () => {
    expect(await run('steps: [{id: each, uses: for-each, with: {items: "{{ input.x }}"}, steps: [{id: a}]}]', { x: 'abc' })).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_settings', step: 'each', message: expect.stringContaining('list') },
    });
  });
});

describe('while', () => {
  it('goes round as long as its condition holds, and not for ever', async () => {
    const loop = (test: string, max: number) =>
      `steps: [{id: loop, uses: while, with: {while: '${test}', max: ${max}}, steps: [{id: t, uses: transform, with: {value: "{{ index * 2 }}"}}]}]`;
    expect(await run(loop('index < 4', 10))).toMatchObject({ status: 'succeeded', output: { results: [0, 2, 4, 6], last: 6, count: 4 } });
    expect(await run(loop('item == null || item < 5', 10))).toMatchObject({ output: { last: 6, count: 4 } });
    expect(await run(loop('true', 5))).toMatchObject({
      status: 'failed',
      error: { code: 'loop_limit', step: 'loop', message: expect.stringContaining('5 times') },
    });
  });
});

describe('joins', () => {
  it('starts with the first, or with n, of the steps before it', async () => {
    behaviours.slow = ({ signal }) =>
      new Promise((resolve, reject) => {
        setTimeout(() => resolve('slow'), 300);
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const steps = (join: string) =>
      `steps: [{id: a, uses: code, with: {source: slow}}, {id: b, uses: transform, with: {value: b}}, {id: c, uses: transform, with: {value: c}}, {id: j, depends_on: [a, b, c], join: ${join}}], output: "{{ steps.j.output }}"`;
    expect(await run(steps('any'))).toMatchObject({ status: 'succeeded', output: 'b' });
    expect(await run(steps('2'))).toMatchObject({ output: { b: 'b', c: 'c' } });
    expect(await run(steps('all'))).toMatchObject({ output: { a: 'slow', b: 'b', c: 'c' } });
  });
});

describe('recovery', () => {
  it('retries only the errors it is told to', async () => {
    let tries = 0;
    behaviours.coded = () => {
      tries++;
      throw new StepError(tries === 1 ? 'http_503' : 'http_418', 'no');
    };
    const step = 'steps: [{id: a, uses: code, with: {source: coded}, retry: {attempts: 5, delay: 10ms, jitter: false, on: ["http_5*"]}}]';
    expect(await run(step)).toMatchObject({ status: 'failed', error: { code: 'http_418' } });
    expect(tries).toBe(2);
  });

  it('falls back to a computed value, skips, and takes the step of another version', async () => {
    behaviours.broken = () => {
      throw new StepError('broken', 'it broke', { retryable: false });
    };
    behaviours.works = () => 'as in version 1';
    expect(
      await run('steps: [{id: a, uses: code, with: {source: broken}, on_error: {fallback: {was: "{{ error.code }}", n: "{{ input.n }}"}}}]', { n: 3 }),
    ).toMatchObject({ output: { was: 'broken', n: 3 } });
    const skipped = await run('steps: [{id: a, uses: code, with: {source: broken}, on_error: skip}, {id: b, depends_on: [a]}], output: "{{ steps.b.status }}"');
    expect(skipped).toMatchObject({ status: 'succeeded', output: 'skipped' });
    const ids = await storeWorkflow(suite.database, suite.tenant, 'workflow: {name: versions, steps: [{id: a, uses: code, with: {source: works}}]}');
    const two = await storeWorkflow(
      suite.database,
      suite.tenant,
      'workflow: {name: versions, steps: [{id: a, uses: code, with: {source: broken}, on_error: {version: 1}}]}',
    );
    await suite.database.sql('UPDATE workflow_version SET workflow_id = $1, number = 2 WHERE id = $2', [ids.workflowId, two.versionId]);
    expect(await ended(await queueRun(suite.tenant, { workflowId: ids.workflowId, versionId: two.versionId }))).toMatchObject({
      status: 'succeeded',
      output: 'as in version 1',
    });
  });

  it('undoes what was completed, the last first, and then fails', async () => {
    const done: string[] = [];
    behaviours.book = () => 'booking 7';
    behaviours.unbook = ({ data }) => done.push(`unbook ${data}`);
    behaviours.pay = () => 'payment 9';
    behaviours.refund = ({ data, count }) => {
      if (count === 1) throw new StepError('again', 'not yet');
      done.push(`refund ${data}`);
      return 'ok';
    };
    const steps = (last: string) =>
      `steps: [{id: book, uses: code, with: {source: book}, compensate: unbook}, {id: unbook, uses: code, with: {source: unbook}}, {id: pay, uses: code, depends_on: [book], with: {source: pay}, compensate: refund}, {id: refund, uses: code, retry: {attempts: 2, delay: 5ms}, with: {source: refund}}, ${last}]`;
    const failed = await run(steps('{id: ship, uses: code, depends_on: [pay], with: {source: broken}, on_error: compensate}'));
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'broken', step: 'ship', details: { undone: ['pay', 'book'], notUndone: [] } } });
    expect(done).toEqual(['refund payment 9', 'unbook booking 7']);
    // without being asked nothing is undone
    done.length = 0;
    expect(await run(steps('{id: ship, uses: code, depends_on: [pay], with: {source: broken}}'))).toMatchObject({ status: 'failed' });
    expect(done).toEqual([]);
    // nor does an undoing step run by itself
    expect(await run(steps('{id: ship, depends_on: [pay]}'))).toMatchObject({ status: 'succeeded', output: 'payment 9' });
    expect(done).toEqual([]);
  });

  it('undoes in loops, and when a run is cancelled, if the workflow says so', async () => {
    const done: Json[] = [];
    behaviours.make = ({ data }) => `made ${data}`;
    behaviours.unmake = ({ data }) => done.push(data);
    behaviours.hang = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const id = await start(
      'settings: {compensate: true}, steps: [{id: each, uses: for-each, with: {items: [1, 2]}, steps: [{id: make, uses: code, with: {source: make}, compensate: unmake}, {id: unmake, uses: code, with: {source: unmake}}]}, {id: hang, uses: code, depends_on: [each], with: {source: hang}}]',
    );
    await expect.poll(() => services.calls.get('hang'), { timeout: 5_000 }).toBe(1);
    await mail(id, 'cancel');
    expect(await ended(id)).toMatchObject({ status: 'cancelled' });
    expect(done).toEqual(['made 2', 'made 1']);
  });

  it('puts a run whose retries are exhausted among the dead letters, with its step', async () => {
    const id = await start('steps: [{id: a, uses: code, retry: {attempts: 1, delay: 5ms}, with: {source: never}}]');
    behaviours.never = () => {
      throw new StepError('down', 'still \u0000 down');
    };
    expect(await ended(id)).toMatchObject({ status: 'failed' });
    const letters = await suite.database.sql('SELECT step, code, attempts, reason, status FROM dead_letter WHERE run_id = $1', [id]);
    expect(letters).toEqual([{ step: 'a', code: 'down', attempts: 2, reason: 'exhausted', status: 'open' }]);
  });
});

describe('waits', () => {
  it('goes on with a signal, whether it comes before or after the step waits for it, and keeps no worker meanwhile', async () => {
    const steps =
      'steps: [{id: first, uses: signal, with: {name: go}}, {id: second, uses: signal, depends_on: [first], with: {name: go}}], output: {a: "{{ steps.first.output }}", b: "{{ steps.second.output }}"}';
    const id = await start(steps);
    await expect.poll(() => status(id), { timeout: 5_000 }).toBe('waiting');
    await expect
      .poll(async () => (await suite.database.sql('SELECT state, wake_at FROM run_queue WHERE run_id = $1', [id]))[0])
      .toEqual({ state: 3, wake_at: null });
    await mail(id, 'signal', { name: 'go', data: { n: 1 } });
    await mail(id, 'signal', { name: 'other', data: 0 });
    await mail(id, 'signal', { name: 'go', data: { n: 2 } });
    expect(await ended(id)).toMatchObject({ status: 'succeeded', output: { a: { n: 1 }, b: { n: 2 } } });
    expect(await suite.database.sql('SELECT 1 FROM run_inbox WHERE run_id = $1', [id])).toEqual([]);
  });

  it('fails, or goes on, when nothing comes in time; the step’s own limit counts too', async () => {
    expect(await run('steps: [{id: a, uses: signal, with: {name: go, timeout: 100ms}}]')).toMatchObject({
      status: 'failed',
      error: { code: 'wait_timeout', step: 'a' },
    });
    expect(await run('steps: [{id: a, uses: signal, timeout: 100ms, with: {name: go}}]')).toMatchObject({
      status: 'failed',
      error: { code: 'timeout', step: 'a' },
    });
  });

  it('is paused and goes on where it was', async () => {
    let release = () => {};
    behaviours.gate = () =>
      new Promise((resolve) => {
        release = () => resolve('through');
      });
    behaviours.after = () => 'after';
    const id = await start('steps: [{id: gate, uses: code, with: {source: gate}}, {id: after, uses: code, depends_on: [gate], with: {source: after}}]');
    await expect.poll(() => services.calls.get('gate'), { timeout: 5_000 }).toBe(1);
    await mail(id, 'pause', { by: 'Ada' });
    await expect.poll(async () => (await log(id)).includes('run.paused')).toBe(true);
    release();
    await expect.poll(() => status(id), { timeout: 5_000 }).toBe('waiting');
    await expect.poll(async () => (await suite.database.sql('SELECT state FROM run_queue WHERE run_id = $1', [id]))[0]).toEqual({ state: 3 });
    expect(services.calls.get('after')).toBeUndefined();
    expect((await suite.database.sql('SELECT paused_at IS NOT NULL AS paused FROM run WHERE id = $1', [id]))[0]).toEqual({ paused: true });
    await mail(id, 'resume');
    expect(await ended(id)).toMatchObject({ status: 'succeeded', output: 'after' });
    expect(services.calls.get('gate')).toBe(1);
  });
});

describe('a workflow as a step', () => {
  const publish = async (steps: string) => {
    const ids = await storeWorkflow(suite.database, suite.tenant, `workflow: {name: child, ${steps}}`);
    await suite.database.sql('UPDATE workflow SET current_version_id = $2 WHERE id = $1', [ids.workflowId, ids.versionId]);
    const [row] = await suite.database.sql<{ slug: string }>('SELECT slug FROM workflow WHERE id = $1', [ids.workflowId]);
    return row?.slug ?? '';
  };

  it('hands on the output of the run it waits for, or its error', async () => {
    const child = await publish(
      'input: {type: object, properties: {n: {type: number}}}, steps: [{id: t, uses: transform, with: {value: "{{ input.n * 2 }}"}}]',
    );
    const call = (input: string) => `steps: [{id: call, uses: workflow, with: {workflow: ${child}, input: ${input}}}]`;
    expect(await run(call('{n: "{{ input.n }}"}'), { n: 21 })).toMatchObject({ status: 'succeeded', output: 42 });
    expect(await run(call('{n: no}'))).toMatchObject({ status: 'failed', error: { code: 'invalid_input', step: 'call' } });
    const bad = await publish('steps: [{id: t, uses: code, with: {source: broken}}]');
    expect(await run(`steps: [{id: call, uses: workflow, with: {workflow: ${bad}}}]`)).toMatchObject({
      status: 'failed',
      error: { code: 'broken', step: 'call' },
    });
    expect(await run('steps: [{id: call, uses: workflow, with: {workflow: nowhere}}]')).toMatchObject({
      status: 'failed',
      error: { code: 'no_such_workflow' },
    });
    expect(await run(`steps: [{id: call, uses: workflow, with: {workflow: ${child}, version: 2-5}}]`)).toMatchObject({ error: { code: 'no_such_version' } });
    expect(
      await run(
        `steps: [{id: call, uses: workflow, with: {workflow: ${child}, version: ">=1", mode: detach, input: {n: 1}}}], output: "{{ steps.call.output.version }}"`,
      ),
    ).toMatchObject({ output: 1 });
  });

  it('cancels the runs it waits for with its own', async () => {
    const child = await publish('steps: [{id: t, uses: signal, with: {name: never}}]');
    const id = await start(`steps: [{id: call, uses: workflow, with: {workflow: ${child}}}]`);
    await expect
      .poll(async () => (await suite.database.sql('SELECT status FROM run WHERE caller_run_id = $1', [id]))[0], { timeout: 5_000 })
      .toEqual({ status: 'waiting' });
    await mail(id, 'cancel');
    expect(await ended(id)).toMatchObject({ status: 'cancelled' });
    await expect
      .poll(async () => (await suite.database.sql('SELECT status FROM run WHERE caller_run_id = $1', [id]))[0], { timeout: 5_000 })
      .toEqual({ status: 'cancelled' });
  });

  it('ends a circle of workflows with an error that names it', async () => {
    const child = await publish('steps: [{id: t}]');
    await suite.database.sql('UPDATE workflow_version v SET definition = $2 FROM workflow w WHERE w.current_version_id = v.id AND w.slug = $1', [
      child,
      JSON.stringify({ workflow: { name: 'child', steps: [{ id: 'again', uses: 'workflow', with: { workflow: child } }] } }),
    ]);
    const failed = await run(`steps: [{id: call, uses: workflow, with: {workflow: ${child}}}]`);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'too_deep', message: expect.stringContaining(`${child} → ${child}`) } });
  });

  it('ends with an error that names the run at the beginning when that has led to 10,000 runs', async () => {
    const leaf = await publish('steps: [{id: t, uses: transform, with: {value: 1}}]');
    const child = await publish(`steps: [{id: call, uses: workflow, with: {workflow: ${leaf}}}]`);
    const id = await start(
      `steps: [{id: go, uses: signal, with: {name: go}}, {id: call, uses: workflow, depends_on: [go], with: {workflow: ${child}, input: {}}}, {id: more, uses: workflow, depends_on: [call], with: {workflow: ${leaf}, input: {}}}]`,
    );
    await suite.database.sql('INSERT INTO run_tree (organization_id, root_run_id, calls) VALUES ($1, $2, 9998)', [suite.tenant.organizationId, id]);
    await mail(id, 'signal', { name: 'go' });
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'too_many_runs', step: 'more', message: expect.stringContaining(id) } });
    expect(await suite.database.sql('SELECT calls FROM run_tree WHERE root_run_id = $1', [id])).toEqual([{ calls: 10_000 }]);
    expect(await suite.database.sql('SELECT depth FROM run WHERE root_run_id = $1 ORDER BY depth', [id])).toEqual([{ depth: 1 }, { depth: 2 }]);
  });

  it('whose name no workflow can have is no such workflow', async () => {
    const failed = await run('steps: [{id: call, uses: workflow, with: {workflow: "{{ input.w }}"}}]', { w: 'a\u0000b' });
    expect(failed).toMatchObject({ error: { code: 'no_such_workflow', step: 'call' } });
  });
});

import { expect, it } from 'vitest';
import { formatAwl, parseAwl } from '@/core/workflow/awl';
import type { Step, Workflow } from '@/core/workflow/workflow';
import { nodeDefinitions } from '@/nodes/definitions';
import { completeLayout } from './auto-layout';
import { excerpt, paste, pastedIds } from './clipboard';
import { refusal } from './connection';
import { deleteSteps } from './delete-steps';
import { connect, disconnect } from './edge-operations';
import { toEdges, toNodes } from './flow-elements';
import { BODY_CORNER, frameAt, sizeOf } from './frame';
import { UNDO_PORT } from './graph';
import { moveInto, moveNodes, refusalOfMove } from './move-steps';
import { addStep, freeStepId, renameStep, updateStep } from './step-operations';
import { bodyOf, loopsAround, outermost, parentOf, placesOf, stepOf } from './step-tree';

const step = (id: string, uses: string, rest: Partial<Step> = {}): Step => ({ id, uses, with: {}, dependsOn: [], ...rest });
/** load → each( get → inner(deep) , refund undoes get ) → tell */
const nested = (): Workflow => ({
  name: 'nested',
  triggers: [{ type: 'webhook', with: { respond: 'get' } }],
  settings: {},
  steps: [
    step('load', 'http', { with: { url: 'https://a.test' } }),
    step('each', 'for-each', {
      with: { items: '{{ steps.load.output.body }}' },
      dependsOn: [{ step: 'load' }],
      output: '{{ steps.get.output }}',
      steps: [
        step('get', 'http', { with: { url: '{{ item.url }}' }, compensate: 'refund' }),
        step('inner', 'while', {
          with: { while: 'index < 2' },
          dependsOn: [{ step: 'get' }],
          steps: [step('deep', 'log', { with: { message: '{{ steps.get.output }} {{ steps["load"].output }}' } })],
        }),
        step('refund', 'log'),
      ],
    }),
    step('tell', 'log', { with: { message: '{{ steps.each.output }}' }, dependsOn: [{ step: 'each' }] }),
  ],
  layout: {},
});
const idsOf = (workflow: Workflow) => [...placesOf(workflow).keys()];

it('finds steps at any depth and what is around them', () => {
  const workflow = nested();
  expect(idsOf(workflow)).toEqual(['load', 'each', 'get', 'inner', 'deep', 'refund', 'tell']);
  expect(loopsAround(workflow, 'deep')).toEqual(['each', 'inner']);
  expect(outermost(workflow, ['deep', 'inner', 'tell', 'gone'])).toEqual(['inner', 'tell']);
  const next = updateStep('deep', { title: 'Deep' })(workflow);
  expect(stepOf(next, 'deep')?.title).toBe('Deep');
  expect(next.steps[0]).toBe(workflow.steps[0]);
  expect(stepOf(next, 'get')).toBe(stepOf(workflow, 'get'));
  expect(updateStep('deep', { title: undefined })(workflow)).toBe(workflow);
});

it('renames a step in bodies, outputs, compensations and the webhook that it answers', () => {
  const next = renameStep('get', 'fetch-it')(nested());
  expect(idsOf(next)).toContain('fetch-it');
  expect(stepOf(next, 'inner')?.dependsOn).toEqual([{ step: 'fetch-it' }]);
  expect(stepOf(next, 'deep')?.with.message).toBe('{{ steps["fetch-it"].output }} {{ steps["load"].output }}');
  expect(stepOf(next, 'each')?.output).toBe('{{ steps["fetch-it"].output }}');
  expect(next.triggers[0]?.with.respond).toBe('fetch-it');
  expect(stepOf(renameStep('refund', 'back')(nested()), 'get')?.compensate).toBe('back');
  expect(stepOf(renameStep('load', 'take')(nested()), 'deep')?.with.message).toContain('steps["take"]');
  const workflow = nested();
  expect(renameStep('deep', 'load')(workflow)).toBe(workflow);
  // a setting that happens to be called step is none of our business
  const plain = updateStep('tell', { with: { step: 'load' } })(workflow);
  expect(stepOf(renameStep('load', 'take')(plain), 'tell')?.with).toEqual({ step: 'load' });
});

it('deletes in a body as outside, a loop with everything in it', () => {
  const without = deleteSteps(['get'], nodeDefinitions)(nested());
  expect(stepOf(without, 'inner')?.dependsOn).toEqual([]);
  const noLoop = deleteSteps(['each', 'deep'], nodeDefinitions)(nested());
  expect(idsOf(noLoop)).toEqual(['load', 'tell']);
  expect(stepOf(noLoop, 'tell')?.dependsOn).toEqual([{ step: 'load' }]);
  expect(Object.keys(noLoop.layout).sort()).toEqual(['load', 'tell', 'trigger:0']);
  expect(stepOf(deleteSteps(['refund'], nodeDefinitions)(nested()), 'get')).not.toHaveProperty('compensate');
});

it('refuses connections across a frame and to what only undoes, and says what to do', () => {
  const ask = (source: string, target: string, port?: string) => refusal(nested(), { source, target, port }, nodeDefinitions);
  expect(ask('load', 'get')).toMatch(/cross the frame of “each”/);
  expect(ask('get', 'tell')).toMatch(/cross the frame/);
  expect(ask('get', 'each')).toMatch(/after its last iteration/);
  expect(ask('each', 'inner')).toMatch(/begins with/);
  expect(ask('trigger:0', 'get')).toMatch(/cross the frame/);
  expect(ask('get', 'refund')).toMatch(/only undoes/);
  expect(ask('get', 'inner', 'error')).toBeUndefined();
  expect(ask('inner', 'get')).toBe('That would make a loop: get → inner → get.');
});

it('adds into a body, behind, between and at the beginning of an iteration', () => {
  const add = (made: object) => addStep('new', { uses: 'pass', with: {}, ...made }, nodeDefinitions)(nested());
  expect(parentOf(add({ into: 'inner' }), 'new')).toBe('inner');
  const after = add({ after: { step: 'get' } });
  expect([parentOf(after, 'new'), stepOf(after, 'new')?.dependsOn]).toEqual(['each', [{ step: 'get' }]]);
  const first = add({ between: { source: 'each', target: 'get' } });
  expect([stepOf(first, 'new')?.dependsOn, stepOf(first, 'get')?.dependsOn]).toEqual([[], [{ step: 'new' }]]);
  const between = add({ between: { source: 'get', target: 'inner' } });
  expect(stepOf(between, 'inner')?.dependsOn).toEqual([{ step: 'new' }]);
  expect(freeStepId(nested(), 'deep')).toBe('deep_2');
});

it('moves steps into a loop and out of it, and refuses to tear connections silently', () => {
  const workflow = nested();
  expect(refusalOfMove(workflow, ['tell'], 'each')).toMatch(/“tell” is connected to “each”/);
  expect(refusalOfMove(workflow, ['each'], 'inner')).toMatch(/into itself/);
  expect(refusalOfMove(workflow, ['deep'], undefined)).toBeUndefined();
  const out = moveInto(['deep'], undefined, nodeDefinitions, { deep: { x: 900, y: 5.4 } })(workflow);
  expect([parentOf(out, 'deep'), out.layout.deep]).toEqual([undefined, { x: 900, y: 5 }]);
  // by the settings: what led through it leads on
  const inside = moveInto(['inner'], undefined, nodeDefinitions)(workflow);
  expect(stepOf(inside, 'inner')?.dependsOn).toEqual([]);
  expect(bodyOf(inside, 'each').map((each) => each.id)).toEqual(['get', 'refund']);
  const both = moveInto(['get', 'inner'], 'each', nodeDefinitions)(workflow);
  expect(both).toBe(workflow);
});

it('draws a frame around its body, which grows and pushes what is beside it', () => {
  const workflow = nested();
  const layout = completeLayout(workflow, nodeDefinitions);
  expect(layout.get).toEqual(BODY_CORNER);
  const each = stepOf(workflow, 'each') as Step;
  const before = sizeOf(each, layout, nodeDefinitions);
  expect(layout.tell?.x).toBeGreaterThanOrEqual((layout.each?.x ?? 0) + before.width);
  const wide = moveNodes({ refund: { x: before.width + 100, y: 120 } }, nodeDefinitions)(workflow);
  const after = sizeOf(stepOf(wide, 'each') as Step, wide.layout, nodeDefinitions);
  expect((wide.layout.tell?.x ?? 0) - (layout.tell?.x ?? 0)).toBe(after.width - before.width);
  const left = moveNodes({ refund: { x: BODY_CORNER.x - 50, y: BODY_CORNER.y + 200 } }, nodeDefinitions)(workflow);
  expect([left.layout.refund?.x, (layout.each?.x ?? 0) - (left.layout.each?.x ?? 0)]).toEqual([BODY_CORNER.x, 50]);
  expect((left.layout.get?.x ?? 0) - (layout.get?.x ?? 0)).toBe(50);
  const at = { x: (layout.each?.x ?? 0) + 10, y: (layout.each?.y ?? 0) + 10 };
  expect(frameAt(workflow, at, layout, nodeDefinitions, new Set())).toBe('each');
  expect(frameAt(workflow, at, layout, nodeDefinitions, new Set(['each']))).toBeUndefined();
});

it('hands React Flow loops before what is inside, and edges inside frames', () => {
  const workflow = nested();
  const nodes = toNodes(workflow, nodeDefinitions, []);
  expect(nodes.map((node) => [node.id, node.parentId])).toEqual([
    ['trigger:0', undefined],
    ['load', undefined],
    ['each', undefined],
    ['get', 'each'],
    ['inner', 'each'],
    ['deep', 'inner'],
    ['refund', 'each'],
    ['tell', undefined],
  ]);
  const edges = toEdges(workflow, []);
  expect(edges.map((edge) => edge.id)).toEqual([
    'load/->each',
    `get/${UNDO_PORT}->refund`,
    'get/->inner',
    'inner/->deep',
    'each/->get',
    'each/->tell',
    'trigger:0/->load',
  ]);
  const folded = toNodes(workflow, nodeDefinitions, nodes, new Set(['each']));
  expect(folded.map((node) => node.id)).toEqual(['trigger:0', 'load', 'each', 'tell']);
  expect(folded[2]).toMatchObject({ data: { collapsed: true, inside: 4 }, width: 248 });
  const out = toNodes(moveInto(['deep'], undefined, nodeDefinitions, { deep: BODY_CORNER })(workflow), nodeDefinitions, nodes);
  expect(out.find((node) => node.id === 'deep')).not.toHaveProperty('parentId');
  const again = toNodes(updateStep('deep', { title: 'D' })(workflow), nodeDefinitions, nodes);
  expect(again.map((node, i) => node === nodes[i])).toEqual([true, true, false, true, false, false, true, true]);
});

it('removes a join that no longer fits, and what undoes a step', () => {
  const joined = updateStep('tell', { dependsOn: [{ step: 'each' }, { step: 'load' }], join: 2 })(nested());
  expect(stepOf(disconnect([{ source: 'load', target: 'tell' }])(joined), 'tell')).not.toHaveProperty('join');
  const cut = disconnect([{ source: 'get', port: UNDO_PORT, target: 'refund' }])(nested());
  expect(stepOf(cut, 'get')).not.toHaveProperty('compensate');
  expect(stepOf(connect({ source: 'get', port: UNDO_PORT, target: 'refund' })(cut), 'get')?.compensate).toBe('refund');
});

it('copies a loop with its body under free ids, and pastes into a loop', () => {
  const workflow = nested();
  const copied = excerpt(workflow, ['each', 'deep', 'tell'], nodeDefinitions);
  expect(copied.steps.map((each) => each.id)).toEqual(['each', 'tell']);
  const parsed = parseAwl(formatAwl(copied));
  expect(parsed.ok && parsed.workflow).toEqual(copied);
  const names = pastedIds(workflow, copied);
  const next = paste(copied, names, nodeDefinitions)(workflow);
  expect(bodyOf(next, 'each_2').map((each) => each.id)).toEqual(['get_2', 'inner_2', 'refund_2']);
  expect(stepOf(next, 'get_2')?.compensate).toBe('refund_2');
  expect([next.layout.get_2, next.layout.each_2], 'a body keeps its places in the frame').toEqual([
    BODY_CORNER,
    { x: (next.layout.each?.x ?? 0) + 40, y: (next.layout.each?.y ?? 0) + 96 },
  ]);
  expect(stepOf(next, 'deep_2')?.with.message).toContain('steps.get_2.output');
  expect(stepOf(next, 'each_2')?.output).toBe('{{ steps.get_2.output }}');
  expect(new Set(idsOf(next)).size).toBe(idsOf(next).length);
  const one = excerpt(workflow, ['tell'], nodeDefinitions);
  const into = paste(one, pastedIds(workflow, one), nodeDefinitions, 'inner')(workflow);
  expect(parentOf(into, 'tell_2')).toBe('inner');
  expect(stepOf(into, 'tell_2')?.dependsOn).toEqual([]);
});

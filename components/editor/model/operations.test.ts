import { expect, it } from 'vitest';
import type { Workflow } from '@/core/workflow/workflow';
import { nodeDefinitions } from '@/nodes/definitions';
import { layeredLayout } from './auto-layout';
import { excerpt, paste, pastedIds } from './clipboard';
import { refusal } from './connection';
import { deleteSteps } from './delete-steps';
import { DraftStore } from './draft-store';
import { connect, disconnect } from './edge-operations';
import { toEdges, toNodes } from './flow-elements';
import { moveNodes } from './move-steps';
import { addStep, freeStepId, renameStep, updateStep } from './step-operations';
import { deleteTriggers } from './trigger-operations';

const chain = (): Workflow => ({
  name: 'chain',
  triggers: [
    { type: 'manual', with: {} },
    { type: 'webhook', with: { method: 'POST' } },
  ],
  settings: {},
  steps: [
    { id: 'fetch', uses: 'http', with: { url: 'https://a.test' }, dependsOn: [] },
    { id: 'check', uses: 'condition', with: { if: 'steps.fetch.output.status == 200' }, dependsOn: [{ step: 'fetch' }] },
    { id: 'tell', uses: 'log', with: { message: 'Got {{ steps.fetch.output }} and steps.fetcher' }, dependsOn: [{ step: 'check', port: 'true' }] },
  ],
  output: '{{ steps["fetch"].output }}',
  layout: {},
});
const stepsOf = (workflow: Workflow) => Object.fromEntries(workflow.steps.map((step) => [step.id, step]));

it('adds a step behind an exit, and into a connection, without touching the rest', () => {
  const workflow = chain();
  const after = addStep('other', { uses: 'pass', with: {}, after: { step: 'check', port: 'false' } }, nodeDefinitions)(workflow);
  expect(stepsOf(after).other?.dependsOn).toEqual([{ step: 'check', port: 'false' }]);
  expect(after.steps[0]).toBe(workflow.steps[0]);
  const between = addStep('shape', { uses: 'transform', with: {}, between: { source: 'fetch', target: 'check' } }, nodeDefinitions)(workflow);
  expect(stepsOf(between).shape?.dependsOn).toEqual([{ step: 'fetch' }]);
  expect(stepsOf(between).check?.dependsOn).toEqual([{ step: 'shape' }]);
  const places = Object.values(between.layout);
  expect(places).toHaveLength(6);
  const overlaps = places.some((a, i) => places.some((b, j) => i < j && Math.abs(a.x - b.x) < 248 && Math.abs(a.y - b.y) < 64));
  expect(overlaps).toBe(false);
});

it('puts a step between a trigger and a root by making the root depend on it', () => {
  const next = addStep('first', { uses: 'condition', with: { if: 'true' }, between: { source: 'trigger:0', target: 'fetch' } }, nodeDefinitions)(chain());
  expect(stepsOf(next).first?.dependsOn).toEqual([]);
  expect(stepsOf(next).fetch?.dependsOn).toEqual([{ step: 'first', port: 'true' }]);
});

it('says why a connection is refused, naming the loop', () => {
  const workflow = chain();
  const ask = (source: string, target: string, port?: string) => refusal(workflow, { source, target, port }, nodeDefinitions);
  expect(ask('tell', 'fetch')).toBe('That would make a loop: fetch → check → tell → fetch.');
  expect(ask('fetch', 'fetch')).toMatch(/cannot follow itself/);
  expect(ask('fetch', 'check')).toMatch(/already connected/);
  expect(ask('fetch', 'trigger:0')).toMatch(/into a trigger/);
  expect(ask('trigger:0', 'tell')).toMatch(/without an incoming/);
  expect(ask('check', 'tell', 'maybe')).toMatch(/no exit/);
  expect(ask('check', 'tell', 'false')).toBeUndefined();
  const failing = connect({ source: 'tell', port: 'error', target: 'check' })(workflow);
  expect(stepsOf(failing).tell?.onError).toEqual({ kind: 'goto', step: 'check' });
  expect(ask('tell', 'check', 'error')).toMatch(/loop/);
});

it('renames an id everywhere it is meant and nowhere else', () => {
  const next = renameStep('fetch', 'load')(chain());
  const steps = stepsOf(next);
  expect(steps.check).toMatchObject({ with: { if: 'steps.load.output.status == 200' }, dependsOn: [{ step: 'load' }] });
  expect(steps.tell?.with).toEqual({ message: 'Got {{ steps.load.output }} and steps.fetcher' });
  expect(next.output).toBe('{{ steps["load"].output }}');
  const workflow = chain();
  expect(renameStep('fetch', 'check')(workflow)).toBe(workflow);
  expect(renameStep('fetch', '1st')(workflow)).toBe(workflow);
});

it('closes the gap when the middle of a chain is deleted', () => {
  const one = deleteSteps(['check'], nodeDefinitions)(chain());
  expect(stepsOf(one).tell?.dependsOn).toEqual([{ step: 'fetch' }]);
  const two = deleteSteps(['fetch', 'check'], nodeDefinitions)(chain());
  expect(stepsOf(two).tell?.dependsOn).toEqual([]);
  expect(Object.keys(two.layout)).toEqual(['trigger:0', 'trigger:1', 'tell']);
  const fewer = deleteTriggers([0])({ ...chain(), layout: { 'trigger:0': { x: 1, y: 1 }, 'trigger:1': { x: 2, y: 2 } } });
  expect(fewer).toMatchObject({ triggers: [{ type: 'webhook' }], layout: { 'trigger:0': { x: 2, y: 2 } } });
});

it('pastes copies under free ids with their inner connections and references', () => {
  const workflow = chain();
  const copied = excerpt(workflow, ['check', 'tell'], nodeDefinitions);
  expect(copied.steps[0]?.dependsOn).toEqual([]);
  const names = pastedIds(workflow, { ...copied, steps: [...copied.steps, workflow.steps[0] as Workflow['steps'][number]] });
  expect([...names.values()]).toEqual(['check_2', 'tell_2', 'fetch_2']);
  const next = paste(copied, names, nodeDefinitions)(workflow);
  expect(stepsOf(next).tell_2?.dependsOn).toEqual([{ step: 'check_2', port: 'true' }]);
  expect(freeStepId(next, 'check')).toBe('check_3');
  expect(freeStepId(next, '2 fast!')).toBe('fast');
});

it('undoes and redoes, and takes quick typing as one step', () => {
  let now = 0;
  const draft = new DraftStore(chain(), () => now);
  const typed = (url: string) => draft.apply(updateStep('fetch', { title: url }), 'fetch.title');
  for (const text of ['F', 'Fe', 'Fet']) typed(text);
  now = 5000;
  draft.apply(moveNodes({ fetch: { x: 9.4, y: 1 } }, nodeDefinitions));
  draft.undo();
  expect(draft.workflow.get().steps[0]?.title).toBe('Fet');
  draft.undo();
  expect(draft.workflow.get().steps[0]?.title).toBeUndefined();
  draft.redo();
  draft.redo();
  expect(draft.workflow.get().layout.fetch).toEqual({ x: 9, y: 1 });
  draft.redo();
  draft.apply((workflow) => workflow);
  expect(draft.history.get().past).toHaveLength(2);
});

it('lays out by depth, draws implied edges from every trigger to the roots, and keeps what did not change', () => {
  const workflow = chain();
  const layout = layeredLayout(workflow, nodeDefinitions);
  expect(['trigger:0', 'fetch', 'check', 'tell'].map((id) => layout[id]?.x)).toEqual([0, 310, 620, 930]);
  const nodes = toNodes(workflow, nodeDefinitions, []);
  const edges = toEdges(workflow, []);
  expect(edges.filter((edge) => edge.data?.implied).map((edge) => edge.id)).toEqual(['trigger:0/->fetch', 'trigger:1/->fetch']);
  expect(edges.find((edge) => edge.target === 'tell')).toMatchObject({ source: 'check', sourceHandle: 'true', deletable: true });
  const changed = updateStep('tell', { title: 'Tell' })(workflow);
  const again = toNodes(changed, nodeDefinitions, nodes);
  expect(again.map((node, index) => node === nodes[index])).toEqual([true, true, true, true, false]);
  expect(toEdges(changed, edges).every((edge, index) => edge === edges[index])).toBe(true);
  const cut = disconnect([{ source: 'fetch', target: 'check' }])(workflow);
  expect(toEdges(cut, edges).filter((edge) => edge.data?.implied)).toHaveLength(4);
});

it('does not hang on a document with a cycle', () => {
  const workflow = chain();
  workflow.steps[0]?.dependsOn.push({ step: 'tell', port: 'nowhere' });
  expect(Object.keys(layeredLayout(workflow, nodeDefinitions))).toHaveLength(5);
});

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { adjacencyOf, ancestorsOf, cyclesOf, leavesOf, rootsOf, topologicalOrder } from './graph';
import type { Step } from './workflow';

// generous: other suites share the machine; what is bounded here would otherwise take minutes or forever
vi.setConfig({ testTimeout: 60_000 });

const step = (id: string, dependsOn: string[] = [], goto?: string): Step => ({
  id,
  uses: 'pass',
  with: {},
  dependsOn: dependsOn.map((each) => {
    const [name, port] = each.split('.') as [string, string?];
    return port ? { step: name, port } : { step: name };
  }),
  ...(goto ? { onError: { kind: 'goto', step: goto } as const } : {}),
});
const graph = (...steps: Step[]) => adjacencyOf({ steps });

describe('graph', () => {
  it('knows roots, leaves and gotos', () => {
    const adjacency = graph(step('a', [], 'd'), step('b', ['a']), step('c', ['a.error', 'b']), step('d'), step('e', ['missing']));
    expect(adjacency.edges).toContainEqual({ from: 0, to: 3, port: 'error' });
    expect(rootsOf(adjacency)).toEqual([0, 4]);
    expect(leavesOf(adjacency)).toEqual([2, 3, 4]);
    expect(topologicalOrder(adjacency)).toEqual([0, 4, 1, 3, 2]);
    expect(cyclesOf(adjacency)).toEqual([]);
  });

  it('draws a goto that is listed as a dependency once', () => {
    expect(graph(step('a', [], 'b'), step('b', ['a.error'])).edges).toEqual([{ from: 0, to: 1, port: 'error' }]);
  });

  it('names cycles in the order of execution', () => {
    const adjacency = graph(step('s'), step('a', ['s', 'c']), step('b', ['a']), step('c', ['b']), step('d', ['c']), step('e', ['e']));
    expect(cyclesOf(adjacency)).toEqual(
      [[2, 3, 1], [5]].map((cycle) => expect.toSatisfy((found: number[]) => [...found].sort().join() === [...cycle].sort().join())),
    );
    expect(cyclesOf(graph(step('a', [], 'b'), step('b', [], 'a')))).toHaveLength(1);
  });

  it('of any graph: an order or a cycle, and ancestors as a search finds them', () => {
    const edges = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 25 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const adjacency = graph(
          ...Array.from({ length: 12 }, (_, i) => step(`s${i}`, [...new Set(pairs.filter(([, to]) => to === i).map(([from]) => `s${from}`))])),
        );
        const order = topologicalOrder(adjacency);
        const cycles = cyclesOf(adjacency);
        expect(order.length === 12).toBe(cycles.length === 0);
        for (const cycle of cycles)
          for (const [i, from] of cycle.entries()) expect(adjacency.edges).toContainEqual({ from, to: cycle[(i + 1) % cycle.length] });
        const place = new Map(order.map((each, i) => [each, i]));
        for (const { from, to } of adjacency.edges) if (place.has(to)) expect(place.get(from)).toBeLessThan(place.get(to) as number);
        if (cycles.length > 0) return;
        const isAncestor = ancestorsOf(adjacency);
        const reach = (to: number): Set<number> => new Set((adjacency.incoming[to] ?? []).flatMap(({ from }) => [from, ...reach(from)]));
        for (let to = 0; to < 12; to++) {
          const found = reach(to);
          for (let from = 0; from < 12; from++) expect(isAncestor(to, from)).toBe(found.has(from));
        }
      }),
      { numRuns: 200 },
    );
  });
});

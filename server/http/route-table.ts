import type { Route } from './route';

interface Node {
  fixed: Map<string, Node>;
  parameter?: { name: string; node: Node };
  methods?: Map<string, Route>;
}

const node = (): Node => ({ fixed: new Map() });

/** A trie over path segments. `find` costs one Map look-up a segment. */
export class RouteTable {
  private readonly root = node();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.add(route);
  }

  private add(route: Route): void {
    let at = this.root;
    for (const segment of route.path.split('/').slice(1)) {
      if (segment.startsWith('{')) {
        at.parameter ??= { name: segment.slice(1, -1), node: node() };
        at = at.parameter.node;
      } else {
        const next = at.fixed.get(segment) ?? node();
        at.fixed.set(segment, next);
        at = next;
      }
    }
    at.methods ??= new Map();
    if (at.methods.has(route.method)) throw new Error(`Two routes for ${route.method} ${route.path}`);
    at.methods.set(route.method, route);
  }

  /** The methods of a path and its parameters, or undefined when nothing is there. */
  find(path: string): { methods: Map<string, Route>; params: Record<string, string> } | undefined {
    let at: Node | undefined = this.root;
    const params: Record<string, string> = {};
    for (const segment of path.split('/').slice(1)) {
      const next: Node | undefined = at.fixed.get(segment);
      if (next) {
        at = next;
        continue;
      }
      if (!at.parameter || segment === '') return undefined;
      params[at.parameter.name] = segment;
      at = at.parameter.node;
    }
    return at.methods ? { methods: at.methods, params } : undefined;
  }
}

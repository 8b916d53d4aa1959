import { describeType, isMap } from './cel-values';
import type { Compilation, Compiled, Run } from './compilation';
import { Fault, located } from './fault';
import { groupInto, sortDecorated } from './functions/ordering';
import { assertListLength, limits, spend } from './limits';
import { asBool } from './operators';
import type { ASTNode } from './parse';

const loops = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter', 'sortBy', 'groupBy', 'find']);

/** `has`, `default`, `cel.bind` and the comprehensions, whose arguments are not evaluated before the call; undefined if it is none of them. */
export function compileMacro(
  node: ASTNode,
  name: string,
  receiver: ASTNode | undefined,
  namespace: string | undefined,
  args: ASTNode[],
  compilation: Compilation,
): Compiled | undefined {
  if (receiver === undefined && name === 'has') return compileHas(node, args, compilation);
  if (name === 'default') return compileDefault(node, receiver === undefined ? args : [receiver, ...args], compilation);
  if (namespace === 'cel' && name === 'bind') return compileBind(node, args, compilation);
  if (receiver === undefined || !loops.has(name) || args.length < 2) return undefined;
  const [variable, first, second] = args;
  if (variable === undefined || first === undefined || variable.op !== 'id')
    throw new Fault('argument', `the first argument of ${name} names the item: x.${name}(item, …)`, variable?.pos);
  if (second !== undefined && (name !== 'map' || args.length > 3))
    throw new Fault('argument', `${name} takes the name of the item and one expression: x.${name}(item, …)`, node.pos);
  return compileLoop(name, receiver, variable.args, first, second, compilation);
}

function compileHas(node: ASTNode, args: ASTNode[], compilation: Compilation): Compiled {
  const [argument] = args;
  if (args.length !== 1 || argument === undefined || (argument.op !== '.' && argument.op !== '[]')) {
    throw new Fault('argument', 'has takes a property, as in has(data.name); to compare, write has(data.name) && data.name == …', node.pos);
  }
  const { run } = compilation.compile(argument);
  return {
    run: (scope, locals) => {
      try {
        run(scope, locals);
        return true;
      } catch (error) {
        if (error instanceof Fault && (error.code === 'no_such_key' || error.code === 'type')) return false;
        throw error;
      }
    },
    json: true,
  };
}

function compileDefault(node: ASTNode, args: ASTNode[], compilation: Compilation): Compiled {
  const [value, fallback] = args;
  if (args.length !== 2 || value === undefined || fallback === undefined)
    throw new Fault('argument', 'default takes two arguments: default(value, otherwise)', node.pos);
  const first = compilation.compile(value);
  const second = compilation.compile(fallback);
  return {
    run: (scope, locals) => {
      try {
        const found = first.run(scope, locals);
        if (found !== null) return found;
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'no_such_key') throw error;
      }
      return second.run(scope, locals);
    },
    json: first.json && second.json,
  };
}

function compileBind(node: ASTNode, args: ASTNode[], compilation: Compilation): Compiled {
  const [variable, value, body] = args;
  if (args.length !== 3 || variable?.op !== 'id' || value === undefined || body === undefined)
    throw new Fault('argument', 'cel.bind takes a name, its value and an expression', node.pos);
  const bound = compilation.compile(value);
  const { slot, compiled } = withVariable(variable.args, bound.json, compilation, () => compilation.compile(body));
  return {
    run: (scope, locals) => {
      locals[slot] = bound.run(scope, locals);
      return compiled.run(scope, locals);
    },
    json: compiled.json,
  };
}

/** Compiles with one more variable in reach; the slot is never reused, so that nested loops cannot disturb each other. */
function withVariable<T>(name: string, json: boolean, compilation: Compilation, compile: () => T): { slot: number; compiled: T } {
  const slot = compilation.slots++;
  const outer = compilation.locals;
  compilation.locals = new Map(outer).set(name, { slot, json });
  try {
    return { slot, compiled: compile() };
  } finally {
    compilation.locals = outer;
  }
}

function compileLoop(name: string, range: ASTNode, variable: string, first: ASTNode, second: ASTNode | undefined, compilation: Compilation): Compiled {
  const source = compilation.compile(range);
  if (++compilation.depth > limits.comprehensionDepth)
    throw new Fault('too_large', `at most ${limits.comprehensionDepth} of map, filter, all … may stand inside each other`, first.pos);
  const { slot, compiled } = withVariable(variable, source.json, compilation, () => ({
    first: compilation.compile(first).run,
    second: second && compilation.compile(second).run,
  }));
  compilation.depth--;
  const body = loopBody(name, compiled.first, compiled.second, slot, first.pos);
  const keepsItems = name === 'filter' || name === 'sortBy' || name === 'groupBy' || name === 'find';
  return {
    run: (scope, locals) => body(itemsOf(source.run(scope, locals), name, range.pos), scope, locals),
    json: keepsItems ? source.json : name !== 'map',
  };
}

/** What a loop runs over: the items of a list or the keys of an object. Their number is charged at once. */
function itemsOf(value: unknown, name: string, offset: number): unknown[] {
  const items = Array.isArray(value) ? value : isMap(value) ? Object.keys(value) : undefined;
  if (items === undefined) throw new Fault('type', `${name} goes over a list or the keys of an object, this is ${describeType(value)}`, offset);
  try {
    spend(items.length);
  } catch (error) {
    throw located(error, offset);
  }
  return items;
}

type Loop = (items: unknown[], scope: Parameters<Run>[0], locals: unknown[]) => unknown;

function loopBody(name: string, run: Run, second: Run | undefined, slot: number, offset: number): Loop {
  const test = predicate(name, run, slot, offset);
  switch (name) {
    case 'all':
      return quantifier(test, false);
    case 'exists':
      return quantifier(test, true);
    case 'exists_one':
    case 'existsOne':
      return (items, scope, locals) => items.reduce<number>((count, item) => count + (test(item, scope, locals) ? 1 : 0), 0) === 1;
    case 'filter':
      return (items, scope, locals) => items.filter((item) => test(item, scope, locals));
    case 'find':
      return (items, scope, locals) => items.find((item) => test(item, scope, locals)) ?? null;
    case 'sortBy':
      return (items, scope, locals) => ordered(() => sortDecorated(items, keyed(items, run, slot, scope, locals)), offset);
    case 'groupBy':
      return (items, scope, locals) => ordered(() => groupInto(items, keyed(items, run, slot, scope, locals)), offset);
    default:
      return mapping(second ? test : undefined, second ?? run, slot, offset);
  }
}

function ordered(work: () => unknown, offset: number): unknown {
  try {
    return work();
  } catch (error) {
    throw located(error, offset);
  }
}

function keyed(items: unknown[], run: Run, slot: number, scope: Parameters<Run>[0], locals: unknown[]): unknown[] {
  return items.map((item) => {
    locals[slot] = item;
    return run(scope, locals);
  });
}

type Test = (item: unknown, scope: Parameters<Run>[0], locals: unknown[]) => boolean;

function predicate(name: string, run: Run, slot: number, offset: number): Test {
  return (item, scope, locals) => {
    locals[slot] = item;
    const value = run(scope, locals);
    if (typeof value === 'boolean') return value;
    try {
      return asBool(value, `the condition of ${name}`);
    } catch (error) {
      throw located(error, offset);
    }
  };
}

/** `all` and `exists`: like `&&` and `||` over the items, so a failing item matters only if no other decides. */
function quantifier(test: Test, decisive: boolean): Loop {
  return (items, scope, locals) => {
    let failure: unknown;
    for (const item of items) {
      try {
        if (test(item, scope, locals) === decisive) return decisive;
      } catch (error) {
        if (!(error instanceof Fault) || error.code === 'budget_exceeded') throw error;
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return !decisive;
  };
}

function mapping(test: Test | undefined, run: Run, slot: number, offset: number): Loop {
  return (items, scope, locals) => {
    try {
      assertListLength(items.length);
    } catch (error) {
      throw located(error, offset);
    }
    const result: unknown[] = [];
    for (const item of items) {
      if (test && !test(item, scope, locals)) continue;
      locals[slot] = item;
      result.push(run(scope, locals));
    }
    return result;
  };
}

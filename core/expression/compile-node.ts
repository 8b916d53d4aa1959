import { access, index, optionalAccess } from './access';
import { assertSafeKey, celTypes } from './cel-values';
import { type Compilation, type Compiled, constant, type Reference, type Run } from './compilation';
import { compileCall } from './compile-call';
import { compileOperator } from './compile-operator';
import { Fault, located } from './fault';
import { int64, isKey } from './operators';
import type { ASTNode } from './parse';
import { closestName, listNames } from './suggest';

/** Turns a syntax tree into a closure. Nothing is evaluated and no code is generated, so a CSP without `unsafe-eval` is fine. */
export function compileNode(node: ASTNode, compilation: Compilation): Compiled {
  switch (node.op) {
    case 'value':
      return literal(node);
    case 'id':
      return name(node.args, node, compilation);
    case '.':
      return select(node, compilation);
    case '.?':
    case '[?]':
      return optionalSelect(node, compilation);
    case '[]':
      return bracket(node.args[0], node.args[1], node, compilation);
    case 'list':
      return list(node.args, compilation);
    case 'map':
      return map(node.args, compilation);
    case 'call':
      return compileCall(node, node.args[0], undefined, node.args[1], compilation);
    case 'rcall':
      return compileCall(node, node.args[0], node.args[1], node.args[2], compilation);
    default:
      return compileOperator(node, compilation);
  }
}

function literal(node: Extract<ASTNode, { op: 'value' }>): Compiled {
  const value = node.args;
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) return constant(value.valueOf()); // `1u`: unsigned is not told apart
  // 2^63 is checked by the operator: it may stand behind a minus
  return constant(typeof value === 'bigint' && value > 2n ** 63n ? int64(value) : value);
}

function name(id: string, node: ASTNode, compilation: Compilation): Compiled {
  const local = compilation.locals.get(id);
  if (local) {
    const { slot } = local;
    return { run: (_scope, locals) => locals[slot], json: local.json };
  }
  compilation.references.push({ root: id, path: [], offset: node.pos });
  const offset = node.pos;
  const type = celTypes.get(id);
  if (id in Object.prototype) return { run: (scope) => unknownName(id, scope, offset), json: true };
  return {
    run: (scope) => {
      const value = scope[id];
      return value !== undefined ? value : (type ?? unknownName(id, scope, offset));
    },
    json: type === undefined,
  };
}

function unknownName(id: string, scope: object, offset: number): never {
  throw new Fault('unknown_name', () => describeUnknown(id, scope), offset);
}

function describeUnknown(id: string, scope: object): string {
  const names: string[] = [];
  for (const key in scope) names.push(key);
  const guess = closestName(id, names);
  const hint = guess === undefined ? ' (texts, and keys of objects, are written in quotes).' : `; did you mean "${guess}"?`;
  return `unknown name "${id}"${hint} Names in reach: ${listNames(names.sort(), 20)}`;
}

/** The reference that the chain of names under `node` made, to be made longer by one name. */
function extendReference(target: ASTNode, key: string, compilation: Compilation): void {
  let root: ASTNode = target;
  while (root.op === '.' || root.op === '[]') root = root.args[0];
  if (root.op !== 'id' || compilation.locals.has(root.args)) return;
  const depth = chainLength(target);
  const reference: Reference | undefined = compilation.references.findLast((each) => each.offset === root.pos);
  if (reference && reference.path.length === depth) reference.path.push(key);
}

function chainLength(node: ASTNode): number {
  let length = 0;
  for (let each = node; each.op === '.' || each.op === '[]'; each = each.args[0]) length++;
  return length;
}

function select(node: Extract<ASTNode, { op: '.' }>, compilation: Compilation): Compiled {
  const [target, key] = node.args;
  const compiled = compileNode(target, compilation);
  extendReference(target, key, compilation);
  const { run } = compiled;
  const offset = node.pos;
  return {
    run: (scope, locals) => {
      const value = run(scope, locals);
      // the common case inline: an own property of an object
      if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)) {
        const found = (value as Record<string, unknown>)[key];
        if (found !== undefined) return found;
      }
      return access(value, key, offset, target);
    },
    json: compiled.json,
  };
}

function bracket(target: ASTNode, key: ASTNode, node: ASTNode, compilation: Compilation): Compiled {
  const compiled = compileNode(target, compilation);
  const compiledKey = compileNode(key, compilation);
  const { run } = compiled;
  const offset = key.pos;
  const fixed = compiledKey.constant;
  if (typeof fixed === 'string') {
    extendReference(target, fixed, compilation);
    return { run: (scope, locals) => access(run(scope, locals), fixed, offset, target), json: compiled.json };
  }
  if (typeof fixed === 'bigint') {
    const position = Number(fixed);
    return {
      run: (scope, locals) => {
        const value = run(scope, locals);
        if (Array.isArray(value)) {
          const found = value[position];
          if (found !== undefined) return found;
        }
        return index(value, fixed, offset, target);
      },
      json: compiled.json,
    };
  }
  const runKey = compiledKey.run;
  return { run: (scope, locals) => index(run(scope, locals), runKey(scope, locals), node.pos, target), json: compiled.json };
}

function optionalSelect(node: Extract<ASTNode, { op: '.?' | '[?]' }>, compilation: Compilation): Compiled {
  const target = compileNode(node.args[0], compilation).run;
  const key: Run = node.op === '.?' ? constant(node.args[1]).run : compileNode(node.args[1], compilation).run;
  return { run: (scope, locals) => optionalAccess(target(scope, locals), key(scope, locals)), json: false };
}

function list(items: ASTNode[], compilation: Compilation): Compiled {
  const compiled = items.map((item) => compileNode(item, compilation));
  const runs = compiled.map((each) => each.run);
  return {
    run: (scope, locals) => {
      const values = new Array<unknown>(runs.length);
      for (let i = 0; i < runs.length; i++) values[i] = (runs[i] as Run)(scope, locals);
      return values;
    },
    json: false,
  };
}

function map(entries: [ASTNode, ASTNode][], compilation: Compilation): Compiled {
  const compiled = entries.map(([key, value]) => {
    const compiledKey = compileNode(key, compilation);
    const fixed = compiledKey.constant;
    if (typeof fixed === 'string') assertKeyAt(fixed, key.pos);
    return { key: compiledKey.run, fixed: typeof fixed === 'string' ? fixed : undefined, value: compileNode(value, compilation).run, offset: key.pos };
  });
  return {
    run: (scope, locals) => {
      const result: Record<string, unknown> = {};
      for (const entry of compiled) {
        const key = entry.fixed ?? dynamicKey(entry.key(scope, locals), entry.offset);
        result[key] = entry.value(scope, locals);
      }
      return result;
    },
    json: false,
  };
}

function assertKeyAt(key: string, offset: number): void {
  try {
    assertSafeKey(key);
  } catch (error) {
    throw located(error, offset);
  }
}

function dynamicKey(key: unknown, offset: number): string {
  if (!isKey(key)) throw new Fault('type', 'the key of an object must be a text or a number', offset);
  assertKeyAt(String(key), offset);
  return String(key);
}

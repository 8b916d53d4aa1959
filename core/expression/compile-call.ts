import { none, OptionalValue } from './cel-values';
import type { Compilation, Compiled, Run } from './compilation';
import { compileMacro } from './compile-macro';
import { Fault, located } from './fault';
import { type FunctionSpec, functions } from './functions/function-table';
import { compilePattern } from './functions/pattern';
import { macroSpecs } from './macro-specs';
import type { ASTNode } from './parse';
import { didYouMean } from './suggest';

/** `f(x, y)`, `x.f(y)`, macros and the namespaces `math`, `optional` and `cel`. Every function may be called in both ways. */
export function compileCall(node: ASTNode, name: string, receiver: ASTNode | undefined, args: ASTNode[], compilation: Compilation): Compiled {
  const namespace = receiver?.op === 'id' && !compilation.locals.has(receiver.args) ? receiver.args : undefined;
  const macro = compileMacro(node, name, receiver, namespace, args, compilation);
  if (macro) return macro;
  if (namespace === 'optional') return compileOptional(node, name, args, compilation);
  const all = receiver === undefined || namespace === 'math' ? args : [receiver, ...args];
  const spec = functions.get(name);
  if (!spec) throw new Fault('unknown_function', unknownFunction(name), receiver ? Math.max(node.start, node.end - tail(node, name)) : node.pos);
  checkArguments(spec, name, receiver !== undefined && namespace !== 'math', all, node);
  const compiled = all.map((each) => compilation.compile(each));
  if (name === 'matches' && typeof compiled[1]?.constant === 'string') compilePattern(compiled[1].constant, all[1]?.pos);
  const json = spec.json === 'args' ? compiled.every((each) => each.json) : spec.json;
  return {
    run: invoke(
      spec,
      compiled.map((each) => each.run),
      node.pos,
    ),
    json,
  };
}

/** Where a method's name stands: counted from the end, since the receiver may be long. */
function tail(node: ASTNode, name: string): number {
  const text = node.input.slice(node.start, node.end);
  const at = text.lastIndexOf(`.${name}`);
  return at === -1 ? text.length : text.length - at - 1;
}

function unknownFunction(name: string): string {
  if (name === 'now') return 'there is no now(): a run must give the same result when it is resumed; use run.startedAt';
  return `unknown function "${name}"${didYouMean(name, [...functions.keys(), ...macroSpecs.map((macro) => macro.name)])}`;
}

function checkArguments(spec: FunctionSpec, name: string, asMethod: boolean, args: ASTNode[], node: ASTNode): void {
  if (args.length >= spec.min && args.length <= spec.max) return;
  const own = asMethod ? args.length - 1 : args.length;
  throw new Fault('argument', `${name} was given ${own === 1 ? '1 argument' : `${own} arguments`}; it is used as ${spec.signature}`, node.pos);
}

function invoke(spec: FunctionSpec, runs: Run[], offset: number): Run {
  const call = spec.call as (...args: unknown[]) => unknown;
  const [a, b] = runs;
  if (runs.length === 1 && a) {
    return (scope, locals) => {
      const x = unwrap(a(scope, locals), spec);
      try {
        return call(x);
      } catch (error) {
        throw located(error, offset);
      }
    };
  }
  if (runs.length === 2 && a && b) {
    return (scope, locals) => {
      const x = unwrap(a(scope, locals), spec);
      const y = b(scope, locals);
      try {
        return call(x, y);
      } catch (error) {
        throw located(error, offset);
      }
    };
  }
  return (scope, locals) => {
    const values = runs.map((run) => run(scope, locals));
    try {
      return call(...values);
    } catch (error) {
      throw located(error, offset);
    }
  };
}

/** Only the optional's own functions see an optional; to all others it is an error that says what to do. */
function unwrap(value: unknown, spec: FunctionSpec): unknown {
  if (value instanceof OptionalValue && !spec.optional) throw new Fault('type', `this value may be missing; give it one with .orValue(…) before ${spec.name}`);
  return value;
}

function compileOptional(node: ASTNode, name: string, args: ASTNode[], compilation: Compilation): Compiled {
  if (name === 'none' && args.length === 0) return { run: () => none, json: false };
  const [argument] = args;
  if (argument === undefined || args.length !== 1 || (name !== 'of' && name !== 'ofNonZeroValue'))
    throw new Fault('unknown_function', `there is no optional.${name}`, node.pos);
  const { run } = compilation.compile(argument);
  if (name === 'of') return { run: (scope, locals) => new OptionalValue(run(scope, locals)), json: false };
  return {
    run: (scope, locals) => {
      const value = run(scope, locals);
      const empty =
        value === null || value === false || value === '' || value === 0 || value === 0n || (typeof value === 'object' && Object.keys(value).length === 0);
      return empty ? none : new OptionalValue(value);
    },
    json: false,
  };
}

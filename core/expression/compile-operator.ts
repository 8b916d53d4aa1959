import { type Compilation, type Compiled, constant, type Run } from './compilation';
import { Fault, located } from './fault';
import { add, asBool, compare, contains, divide, equals, modulo, multiply, negate, subtract } from './operators';
import type { ASTNode } from './parse';

type Binary = (a: unknown, b: unknown) => unknown;

/** `&& || ! - ?:`, arithmetic, comparisons and `in`. Numbers take a fast path; everything else the general function. */
export function compileOperator(node: ASTNode, compilation: Compilation): Compiled {
  switch (node.op) {
    case '?:':
      return ternary(node.args, compilation);
    case '&&':
      return logical(node.args, compilation, false);
    case '||':
      return logical(node.args, compilation, true);
    case '!_': {
      const operand = compilation.compile(node.args).run;
      return { run: guard((a) => !asBool(a, 'what follows `!`'), operand, node.pos), json: true };
    }
    case '-_':
      return minus(node.args, node.pos, compilation);
    case '==':
    case '!=':
      return equality(node.args, compilation, node.op === '==', node.pos);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(node.op, node.args, compilation, node.pos);
    case 'in':
      return { run: guard2(contains, node.args, compilation, node.pos), json: true };
    case '+':
      return arithmetic(node.args, compilation, node.pos, add, (a, b) => a + b);
    case '-':
      return arithmetic(node.args, compilation, node.pos, subtract, (a, b) => a - b);
    case '*':
      return arithmetic(node.args, compilation, node.pos, multiply, (a, b) => a * b);
    case '/':
      return { run: guard2(divide, node.args, compilation, node.pos), json: false };
    case '%':
      return { run: guard2(modulo, node.args, compilation, node.pos), json: false };
    default:
      throw new Fault('syntax', `"${node.op}" is not supported`, node.pos);
  }
}

function guard(operation: (a: unknown) => unknown, operand: Run, offset: number): Run {
  return (scope, locals) => {
    const a = operand(scope, locals);
    try {
      return operation(a);
    } catch (error) {
      throw located(error, offset);
    }
  };
}

function guard2(operation: Binary, [left, right]: [ASTNode, ASTNode], compilation: Compilation, offset: number): Run {
  const a = compilation.compile(left).run;
  const b = compilation.compile(right).run;
  return (scope, locals) => apply(operation, a(scope, locals), b(scope, locals), offset);
}

function apply(operation: Binary, a: unknown, b: unknown, offset: number): unknown {
  try {
    return operation(a, b);
  } catch (error) {
    throw located(error, offset);
  }
}

function minus(operand: ASTNode, offset: number, compilation: Compilation): Compiled {
  const compiled = compilation.compile(operand);
  if (typeof compiled.constant === 'bigint' || typeof compiled.constant === 'number') return constant(-compiled.constant);
  return { run: guard(negate, compiled.run, offset), json: false };
}

function arithmetic(args: [ASTNode, ASTNode], compilation: Compilation, offset: number, general: Binary, numbers: (a: number, b: number) => number): Compiled {
  const left = compilation.compile(args[0]);
  const right = compilation.compile(args[1]);
  const a = left.run;
  const b = right.run;
  const fixed = right.constant;
  if (typeof fixed === 'bigint') {
    const number = Number(fixed);
    return {
      run: (scope, locals) => {
        const value = a(scope, locals);
        return typeof value === 'number' ? numbers(value, number) : apply(general, value, fixed, offset);
      },
      json: false,
    };
  }
  return {
    run: (scope, locals) => {
      const x = a(scope, locals);
      const y = b(scope, locals);
      return typeof x === 'number' && typeof y === 'number' ? numbers(x, y) : apply(general, x, y, offset);
    },
    json: false,
  };
}

function equality(args: [ASTNode, ASTNode], compilation: Compilation, wanted: boolean, offset: number): Compiled {
  const a = compilation.compile(args[0]).run;
  const right = compilation.compile(args[1]);
  const fixed = right.constant;
  if (typeof fixed === 'string' || typeof fixed === 'boolean' || fixed === null)
    return { run: (scope, locals) => (a(scope, locals) === fixed) === wanted, json: true };
  const b = right.run;
  return {
    run: (scope, locals) => {
      const x = a(scope, locals);
      const y = b(scope, locals);
      if (typeof x === 'number' && x === y) return wanted;
      // everything else goes the general way, which charges for long texts
      return (apply(equals, x, y, offset) as boolean) === wanted;
    },
    json: true,
  };
}

const comparators = {
  '<': { numbers: (a: number, b: number) => a < b, general: (order: number) => order < 0 },
  '<=': { numbers: (a: number, b: number) => a <= b, general: (order: number) => order <= 0 },
  '>': { numbers: (a: number, b: number) => a > b, general: (order: number) => order > 0 },
  '>=': { numbers: (a: number, b: number) => a >= b, general: (order: number) => order >= 0 },
};

function comparison(op: keyof typeof comparators, args: [ASTNode, ASTNode], compilation: Compilation, offset: number): Compiled {
  const { numbers, general } = comparators[op];
  const a = compilation.compile(args[0]).run;
  const right = compilation.compile(args[1]);
  const b = right.run;
  const fixed = typeof right.constant === 'bigint' ? Number(right.constant) : undefined;
  return {
    run: (scope, locals) => {
      const x = a(scope, locals);
      if (fixed !== undefined && typeof x === 'number') return numbers(x, fixed);
      const y = b(scope, locals);
      if (typeof x === 'number' && typeof y === 'number') return numbers(x, y);
      return general(apply(compare, x, y, offset) as number);
    },
    json: true,
  };
}

function ternary([condition, then, otherwise]: [ASTNode, ASTNode, ASTNode], compilation: Compilation): Compiled {
  const test = compilation.compile(condition).run;
  const a = compilation.compile(then);
  const b = compilation.compile(otherwise);
  const offset = condition.pos;
  return {
    run: (scope, locals) => {
      const value = test(scope, locals);
      if (value === true) return a.run(scope, locals);
      if (value === false) return b.run(scope, locals);
      throw notBool(value, 'what stands before `?`', offset);
    },
    json: a.json && b.json,
  };
}

function notBool(value: unknown, what: string, offset: number): unknown {
  try {
    asBool(value, what);
  } catch (error) {
    return located(error, offset);
  }
  return undefined;
}

/** CEL's `&&` and `||`: the other side may decide even if one side fails. `decisive` is the value that settles it. */
function logical([left, right]: [ASTNode, ASTNode], compilation: Compilation, decisive: boolean): Compiled {
  const a = compilation.compile(left).run;
  const b = compilation.compile(right).run;
  const what = decisive ? 'both sides of `||`' : 'both sides of `&&`';
  return {
    run: (scope, locals) => {
      let failure: unknown;
      try {
        const value = a(scope, locals);
        if (value === decisive) return decisive;
        if (typeof value !== 'boolean') failure = notBool(value, what, left.pos);
      } catch (error) {
        // an exhausted budget is not something the other side can make good
        if (!(error instanceof Fault) || error.code === 'budget_exceeded') throw error;
        failure = error;
      }
      const value = b(scope, locals);
      if (value === decisive) return decisive;
      if (failure !== undefined) throw failure;
      if (typeof value !== 'boolean') throw notBool(value, what, right.pos);
      return value;
    },
    json: true,
  };
}

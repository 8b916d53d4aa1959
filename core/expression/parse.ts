import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js';
import { ExpressionError } from './expression-error';
import { limits } from './limits';

export type { ASTNode };

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  enableOptionalTypes: true,
  limits: { maxAstNodes: limits.astNodes, maxDepth: limits.depth, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 32 },
});

const tokenNames: Record<string, string> = {
  EOF: 'the end',
  IDENTIFIER: 'a name',
  RPAREN: '`)`',
  RBRACKET: '`]`',
  RBRACE: '`}`',
  LPAREN: '`(`',
  COMMA: '`,`',
  COLON: '`:`',
  DOT: '`.`',
  NUMBER: 'a number',
  STRING: 'a text',
  IN: '`in`',
  EQ: '`==`',
  LBRACKET: '`[`',
  LBRACE: '`{`',
  QUESTION: '`?`',
  NOT: '`!`',
  PLUS: '`+`',
  MINUS: '`-`',
  MULTIPLY: '`*`',
  DIVIDE: '`/`',
  BOOLEAN: 'a boolean',
  NULL: '`null`',
  AND: '`&&`',
  OR: '`||`',
  NE: '`!=`',
  LT: '`<`',
  LE: '`<=`',
  GT: '`>`',
  GE: '`>=`',
};

/** Parses CEL into the syntax tree of cel-js. Throws ExpressionError. */
export function parseCel(source: string): ASTNode {
  if (source.length > limits.sourceLength) {
    throw new ExpressionError('too_large', `the expression is longer than ${limits.sourceLength.toLocaleString('en-US')} characters`, source.slice(0, 200));
  }
  if (source.trim() === '') throw new ExpressionError('syntax', 'the expression is empty', source);
  try {
    return environment.parse(source).ast;
  } catch (error) {
    if (!(error instanceof ParseError)) throw new ExpressionError('syntax', 'the expression is nested too deeply', source, 0);
    const offset = error.range?.start ?? 0;
    throw new ExpressionError(error.code === 'limit_exceeded' ? 'too_large' : 'syntax', explain(error, source, offset), source, offset);
  }
}

function explain(error: ParseError, source: string, offset: number): string {
  if (error.code === 'limit_exceeded') return 'the expression is too large or nested too deeply';
  const character = source[offset];
  if (character === '=' && source[offset + 1] !== '=') return 'a single `=` compares nothing; write `==`';
  if (character === '&' || character === '|') return `write \`${character}${character}\``;
  if (character === "'" || character === '"') return 'the text is not closed';
  if (character === '`') return 'texts are written in single or double quotes';
  const summary = error.summary.replace(/\b[A-Z]{2,}\b/g, (token) => tokenNames[token] ?? token);
  return summary.charAt(0).toLowerCase() + summary.slice(1);
}

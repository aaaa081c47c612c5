import ts from 'typescript';
import { isCondition, textsOf } from './syntax.js';

/** What an operator makes of an expression: other expressions. */
export type Operator = (node: ts.Expression) => readonly string[];

const { SyntaxKind } = ts;

const RELATIONS = new Map<ts.SyntaxKind, readonly [boundary: string, opposite: string]>([
  [SyntaxKind.LessThanToken, ['<=', '>=']],
  [SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [SyntaxKind.GreaterThanToken, ['>=', '<=']],
  [SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
]);
const SWAPPED = new Map<ts.SyntaxKind, readonly [operator: string, other: string]>([
  [SyntaxKind.EqualsEqualsEqualsToken, ['equality', '!==']],
  [SyntaxKind.ExclamationEqualsEqualsToken, ['equality', '===']],
  [SyntaxKind.AmpersandAmpersandToken, ['logic', '||']],
  [SyntaxKind.BarBarToken, ['logic', '&&']],
  [SyntaxKind.PlusToken, ['arithmetic', '-']],
  [SyntaxKind.MinusToken, ['arithmetic', '+']],
  [SyntaxKind.AsteriskToken, ['arithmetic', '/']],
  [SyntaxKind.SlashToken, ['arithmetic', '*']],
  [SyntaxKind.PercentToken, ['arithmetic', '*']],
  [SyntaxKind.AmpersandToken, ['arithmetic', '|']],
  [SyntaxKind.BarToken, ['arithmetic', '&']],
  [SyntaxKind.LessThanLessThanToken, ['arithmetic', '>>']],
  [SyntaxKind.GreaterThanGreaterThanToken, ['arithmetic', '<<']],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanToken, ['arithmetic', '<<']],
  [SyntaxKind.PlusEqualsToken, ['arithmetic', '-=']],
  [SyntaxKind.MinusEqualsToken, ['arithmetic', '+=']],
  [SyntaxKind.QuestionQuestionEqualsToken, ['logic', '=']],
  [SyntaxKind.BarBarEqualsToken, ['logic', '=']],
]);

const isText = (node: ts.Expression): boolean =>
  ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));

function swap(node: ts.Expression, operator: string): readonly string[] {
  if (!ts.isBinaryExpression(node)) return [];
  const [kind, other] = SWAPPED.get(node.operatorToken.kind) ?? [];
  if (kind !== operator || other === undefined || isText(node)) return [];
  // `a ?? b || c` has no meaning without brackets
  return [`(${node.left.getText()}) ${other} (${node.right.getText()})`];
}

const related = (node: ts.Expression, which: 0 | 1): readonly string[] => {
  const others = ts.isBinaryExpression(node) ? RELATIONS.get(node.operatorToken.kind) : undefined;
  return others === undefined ? [] : [textsOf(node as ts.BinaryExpression).join(` ${others[which]} `)];
};

const isComparison = (node: ts.Expression): boolean =>
  ts.isBinaryExpression(node) && (RELATIONS.has(node.operatorToken.kind) || SWAPPED.get(node.operatorToken.kind)?.[0] === 'equality');
const isNot = (node: ts.Node): node is ts.PrefixUnaryExpression => ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken;
const isLogic = (node: ts.Expression): boolean =>
  ts.isBinaryExpression(node) && [SyntaxKind.AmpersandAmpersandToken, SyntaxKind.BarBarToken].includes(node.operatorToken.kind);
const isTruth = (node: ts.Expression): boolean => isComparison(node) || isNot(node) || isLogic(node);

/** The value of `return value` and of `() => value`. */
const isReturned = (node: ts.Expression): boolean =>
  ts.isReturnStatement(node.parent) || (ts.isArrowFunction(node.parent) && node.parent.body === node);

const returns: Operator = (node) => {
  if (!isReturned(node)) return [];
  if (isTruth(node)) return ['true', 'false'];
  const hasValue = ts.isCallExpression(node) || ts.isAwaitExpression(node) || ts.isConditionalExpression(node)
    || ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node) || ts.isDeleteExpression(node)
    || (ts.isIdentifier(node) && node.text !== 'undefined') || (ts.isBinaryExpression(node) && !isText(node));
  return hasValue ? ['undefined'] : [];
};

const numbers: Operator = (node) => {
  if (ts.isBigIntLiteral(node)) return [`${BigInt(node.text.replace(/[n_]/g, '')) + 1n}n`];
  return ts.isNumericLiteral(node) ? [`${Number(node.text) + 1}`] : [];
};

const steps: Operator = (node) => {
  if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return [];
  const text = node.getText();
  if (text.includes('++')) return [text.replace('++', '--')];
  if (text.includes('--')) return [text.replace('--', '++')];
  return node.operator === SyntaxKind.MinusToken && !ts.isNumericLiteral(node.operand) ? [node.operand.getText()] : [];
};

/** `a ?? b` as if there was always an `a`, and as if there was never one. */
const defaults: Operator = (node) =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.QuestionQuestionToken ? textsOf(node) : [];

/** `a?.b.c` without the `?`; the expression is the whole of the chain. */
const chains: Operator = (node) => {
  if (!ts.isOptionalChain(node) || (ts.isOptionalChain(node.parent) && node.parent.expression === node)) return [];
  const found: string[] = [];
  const source = node.getText();
  for (let part: ts.Node = node; ts.isOptionalChain(part) || ts.isNonNullExpression(part); part = part.expression) {
    if (ts.isNonNullExpression(part) || part.questionDotToken === undefined) continue;
    const at = part.questionDotToken.getStart() - node.getStart();
    found.push(`${source.slice(0, at)}${ts.isPropertyAccessExpression(part) ? '.' : ''}${source.slice(at + 2)}`);
  }
  return found;
};

const booleans: Operator = (node) => {
  if (node.kind === SyntaxKind.TrueKeyword) return ['false'];
  return node.kind === SyntaxKind.FalseKeyword ? ['true'] : [];
};

const negations: Operator = (node) => {
  if (isNot(node)) return [node.operand.getText()];
  return isCondition(node) && !isTruth(node) && !isNot(node.parent) ? [`!(${node.getText()})`] : related(node, 1);
};

export const operators: Readonly<Record<string, Operator>> = {
  equality: (node) => swap(node, 'equality'),
  negation: negations,
  boundary: (node) => related(node, 0),
  arithmetic: (node) => [...swap(node, 'arithmetic'), ...steps(node)],
  logic: (node) => swap(node, 'logic'),
  default: defaults,
  chain: chains,
  boolean: booleans,
  number: numbers,
  return: returns,
};

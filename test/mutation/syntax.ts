import ts from 'typescript';

const LOGS = /\b(log|logger|console)(\.|\?\.)?(debug|info|warn|error|trace|log)?$/i;

/** What is only said: logs, errors and their texts. Nothing of it is changed. */
export const isSaid = (node: ts.Node): boolean => {
  if (ts.isCallExpression(node)) return LOGS.test(node.expression.getText());
  return ts.isThrowStatement(node) || ts.isTemplateExpression(node) || (ts.isNewExpression(node) && /Error$|^Bad/.test(node.expression.getText()));
};

/** Both sides of `a < b`. */
export const textsOf = ({ left, right }: ts.BinaryExpression): readonly [string, string] => [left.getText(), right.getText()];

/** Whether something is decided by an expression alone, or by what it is a part of: `if (a && (b || c))`. */
export function isCondition(node: ts.Expression): boolean {
  const { parent } = node;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent)) return parent.expression === node;
  if (ts.isForStatement(parent) || ts.isConditionalExpression(parent)) return parent.condition === node;
  if (ts.isParenthesizedExpression(parent)) return isCondition(parent);
  const { AmpersandAmpersandToken, BarBarToken } = ts.SyntaxKind;
  return ts.isBinaryExpression(parent) && [AmpersandAmpersandToken, BarBarToken].includes(parent.operatorToken.kind) && isCondition(parent);
}

const isAssigned = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node.parent) && node.parent.left === node
  && node.parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && node.parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment;

/** Whether an expression can be put in brackets where it is. */
export function isValue(node: ts.Node): node is ts.Expression {
  const { parent } = node;
  if (!ts.isExpression(node) || ts.isTypeNode(node) || isAssigned(node) || ts.isDeleteExpression(parent)) return false;
  // a method that is taken apart from its object loses its `this`
  if ((ts.isCallExpression(parent) || ts.isTaggedTemplateExpression(parent) || ts.isNewExpression(parent)) && !isArgument(node, parent)) return false;
  const isName = (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent)
    || ts.isShorthandPropertyAssignment(parent) || ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent)) && parent.name === node;
  return !isName && !ts.isExpressionWithTypeArguments(node) && !ts.isExpressionWithTypeArguments(parent);
}

const isArgument = (node: ts.Node, parent: ts.CallExpression | ts.TaggedTemplateExpression | ts.NewExpression): boolean =>
  ts.isTaggedTemplateExpression(parent) ? parent.template === node : (parent.arguments?.some((argument) => argument === node) ?? false);

/** Statements whose loss leaves a program: calls, assignments, `delete`. */
export const isRemovable = (node: ts.Node): node is ts.ExpressionStatement =>
  ts.isExpressionStatement(node) && !ts.isStringLiteral(node.expression)
  && !(ts.isCallExpression(node.expression) && node.expression.expression.kind === ts.SyntaxKind.SuperKeyword);

// Says to bundlers what a rule of the sources says: code at the top of a module has no effect, it only
// makes values. A bundler drops a module that is not used, but of a file with many modules it must be
// told, value by value.
import ts from 'typescript';

/** Whether bundlers see by themselves that making the value has no effect. */
function isPlain(node) {
  if (
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isParenthesizedExpression(node)
  )
    return isPlain(node.expression);
  if (ts.isPrefixUnaryExpression(node)) return isPlain(node.operand);
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isPlain);
  if (ts.isObjectLiteralExpression(node))
    return node.properties.every(
      (property) =>
        ts.isShorthandPropertyAssignment(property) ||
        (!ts.isSpreadAssignment(property) &&
          !ts.isComputedPropertyName(property.name) &&
          (!ts.isPropertyAssignment(property) || isPlain(property.initializer))),
    );
  return (
    ts.isLiteralExpression(node) ||
    ts.isIdentifier(node) ||
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword].includes(
      node.kind,
    )
  );
}

/** The text of a source with a pure call around each value that a top-level `const` computes. */
export function withPureValues(source) {
  const { text } = source;
  let out = '';
  let at = 0;
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer } of statement.declarationList.declarations) {
      if (initializer === undefined || isPlain(initializer)) continue;
      const start = initializer.getStart(source);
      out += `${text.slice(at, start)}/* @__PURE__ */ (() => (${text.slice(start, initializer.end)}))()`;
      at = initializer.end;
    }
  }
  return out + text.slice(at);
}

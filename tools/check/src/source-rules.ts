/**
 * Rules for the sources of published packages that a linter cannot state per folder:
 * which globals a file may name, no mutable state in a module, no star exports, a comment on top.
 *
 * Files are bound without a library and without resolving imports, so a name that has no symbol is
 * a global; local names that happen to be called `process` or `crypto` are left alone.
 */
import ts from 'typescript';

/** A broken rule. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** The world outside: it enters through a port, an argument or an adapter. */
const WORLD: ReadonlyMap<string, string> = new Map([
  ...names('a Uint8Array and the helpers of primitives do this', ['Buffer', 'atob', 'btoa']),
  ...names('what is needed enters as an argument', [
    'process',
    'global',
    'globalThis',
    'window',
    'self',
    'document',
    'navigator',
    'location',
    'localStorage',
    'sessionStorage',
    'indexedDB',
    'Worker',
  ]),
  ...names('packages are ES modules', ['require', 'module', 'exports', '__dirname', '__filename']),
  ...names('packages return events, the node turns them into log lines', ['console']),
  ...names('time enters through a port or an argument', ['Date', 'performance']),
  ...names('timers enter through a port', [
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'clearImmediate',
    'queueMicrotask',
    'requestAnimationFrame',
  ]),
  ...names('the network enters through a port', [
    'fetch',
    'WebSocket',
    'XMLHttpRequest',
    'EventSource',
  ]),
  ...names('random bytes enter as an argument', ['crypto']),
]);

function names(reason: string, globals: readonly string[]): (readonly [string, string])[] {
  return globals.map((name) => [name, reason] as const);
}

/** Folders that may name some of these globals; `undefined` allows all (adapters). */
const ALLOWED: readonly (readonly [RegExp, readonly string[] | undefined])[] = [
  [/^packages\/crypto\/src\/wasm/, undefined],
  [/^packages\/bls\/src\/(blst|wasm)/, undefined],
  [/^packages\/storage\/src\/level/, undefined],
  [/^packages\/p2p\/src\/libp2p/, undefined],
  [
    /^packages\/rpc\/src\/transports/,
    ['fetch', 'WebSocket', 'setTimeout', 'clearTimeout', 'performance', 'globalThis'],
  ],
  [/^packages\/randomness\/src\/vdf-worker/, ['globalThis']],
  [/^packages\/(accounts|bls)\/src\//, ['crypto', 'globalThis']],
];

function mayName(path: string, name: string): boolean {
  return ALLOWED.some(
    ([folder, allowed]) => folder.test(path) && (allowed === undefined || allowed.includes(name)),
  );
}

/** Checks sources given by their path from the root. */
export function checkSources(sources: ReadonlyMap<string, string>): readonly Problem[] {
  const files = new Map(
    [...sources].map(([path, text]) => [
      path,
      ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS),
    ]),
  );
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost({}),
    getSourceFile: (path) => files.get(path),
    fileExists: (path) => files.has(path),
    getCurrentDirectory: () => '',
  };
  const options = { noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ES2022 };
  const checker = ts.createProgram([...files.keys()], options, host).getTypeChecker();
  return [...files].flatMap(([path, file]) => checkFile(path, file, checker));
}

function checkFile(path: string, file: ts.SourceFile, checker: ts.TypeChecker): Problem[] {
  const problems: Problem[] = [];
  const report = (at: number, message: string): void => {
    problems.push({ path, line: file.getLineAndCharacterOfPosition(at).line + 1, message });
  };

  if (!/^\s*(\/\*\*|\/\/)/.test(file.text))
    report(0, 'a source file opens with a comment that says what it decides and what it does not');
  for (const found of file.text.matchAll(/\b(TODO|FIXME|XXX|HACK)\b/g))
    report(found.index, `${found[0]}: finish it, or write an issue`);

  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const problem of mutableState(statement)) report(statement.getStart(file), problem);
    }
    if (
      ts.isExportDeclaration(statement) &&
      statement.exportClause === undefined &&
      !path.startsWith('packages/sdk/')
    )
      report(statement.getStart(file), 'export names one by one, not with a star');
  }

  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isValue(node) && !declared(node, checker)) {
      const reason = WORLD.get(node.text);
      if (reason !== undefined && !mayName(path, node.text))
        report(node.getStart(file), `${node.text}: ${reason}`);
      if (node.text === 'Math' && isMember(node.parent, 'random'))
        report(node.getStart(file), 'Math.random: random bytes enter as an argument');
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return problems;
}

/** Whether an identifier stands where a value is read, not where a member or a type is named. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  return !(
    ts.isTypeReferenceNode(parent) ||
    ts.isTypeQueryNode(parent) ||
    ts.isQualifiedName(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isImportSpecifier(parent)
  );
}

function declared(node: ts.Identifier, checker: ts.TypeChecker): boolean {
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
  return (symbol?.declarations?.length ?? 0) > 0;
}

function isMember(node: ts.Node, name: string): boolean {
  return ts.isPropertyAccessExpression(node) && node.name.text === name;
}

/** A module-level binding that can change, or an empty container that only makes sense if filled. */
function mutableState(statement: ts.VariableStatement): string[] {
  const state = 'a module holds no state: pass it as an argument or return a function that owns it';
  if (!(statement.declarationList.flags & ts.NodeFlags.Const)) return [state];
  return statement.declarationList.declarations
    .filter(({ initializer, type }) => {
      if (initializer === undefined || /^(readonly |Readonly)/.test(type?.getText() ?? ''))
        return false;
      if (ts.isNewExpression(initializer))
        return (
          /^(Weak)?(Map|Set)$/.test(initializer.expression.getText()) &&
          (initializer.arguments?.length ?? 0) === 0
        );
      if (ts.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0;
      return ts.isObjectLiteralExpression(initializer) && initializer.properties.length === 0;
    })
    .map(() => state);
}

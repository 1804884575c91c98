/**
 * TypeScript by the compiler that builds the packages.
 *
 * A loader that keeps the names of functions wraps each closure where it is made, which costs some programs a fifth;
 * published code does not do that, so what is measured must not either.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const COMPILER = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  inlineSourceMap: true,
};

/** The source of a module that is imported by the name of its output. */
function sourceOf(specifier, parent) {
  if (!/^(\.{1,2}\/|file:).*\.js$/.test(specifier)) return undefined;
  const output = new URL(specifier, parent);
  const source = new URL(output.href.replace(/\.js$/, '.ts'));
  const isSource = existsSync(fileURLToPath(source)) && !existsSync(fileURLToPath(output));
  return isSource ? source.href : undefined;
}

export async function resolve(specifier, context, next) {
  const url = sourceOf(specifier, context.parentURL);
  return url === undefined
    ? next(specifier, context)
    : { url, format: 'module', shortCircuit: true };
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const fileName = fileURLToPath(url);
  const text = await readFile(fileName, 'utf8');
  const { outputText } = ts.transpileModule(text, { compilerOptions: COMPILER, fileName });
  return { format: 'module', source: outputText, shortCircuit: true };
}

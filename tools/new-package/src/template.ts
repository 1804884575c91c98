/** The files of a new package, as text. Everything in them is true of the new package as it stands. */

/** What a new package is told about itself. */
export interface NewPackage {
  /** Lower-case words with dashes; the published name is `@polyphony/<name>`. */
  readonly name: string;
  /** Its rung of the ladder, 0 to 6. */
  readonly layer: number;
  /** One sentence: the question it answers. */
  readonly description: string;
}

/** `light-client` becomes `LightClientError`. */
export function errorClassName(name: string): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Error`;
}

/** Paths from the package's folder, and their texts. */
export function packageFiles(created: NewPackage): ReadonlyMap<string, string> {
  return new Map([
    ['package.json', json(manifest(created))],
    [
      'tsconfig.build.json',
      json({
        extends: '../../tsconfig.build.json',
        compilerOptions: { rootDir: 'src', outDir: 'dist' },
        include: ['src'],
      }),
    ],
    ['README.md', readme(created)],
    ['src/errors.ts', errors(created)],
    ['src/index.ts', index(created)],
    ['vectors/errors.json', json(vectors(created))],
    ['test/errors.vectors.test.ts', vectorTest(created)],
  ]);
}

/** The first line of the package's change log. */
export function changeset({ name, description }: NewPackage): string {
  return `---\n'@polyphony/${name}': minor\n---\n\nBegan the package: ${lowerFirst(description)}\n`;
}

function manifest({ name, layer, description }: NewPackage): object {
  const published = {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  };
  return {
    name: `@polyphony/${name}`,
    version: '0.0.0',
    description,
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    keywords: ['harmony', 'blockchain', name],
    engines: { node: '>=20.19.0' },
    files: ['dist', 'src', 'vectors'],
    exports: {
      '.': { '@polyphony/source': './src/index.ts', ...published['.'] },
      './package.json': './package.json',
    },
    scripts: {
      build: 'node ../../scripts/build-package.mjs',
      test: `vitest run --root ../.. packages/${name}/`,
      'check:package':
        'publint --strict && pnpm pack --out .pack.tgz && attw --profile esm-only .pack.tgz',
    },
    dependencies: { '@polyphony/primitives': 'workspace:^' },
    devDependencies: {
      '@polyphony/testkit': 'workspace:*',
      typescript: 'catalog:',
      vitest: 'catalog:',
    },
    polyphony: { layer, browser: true },
    publishConfig: { access: 'public', exports: published },
  };
}

function errors({ name }: NewPackage): string {
  const type = errorClassName(name);
  return `/**
 * What \`@polyphony/${name}\` throws for bad input: one class, a closed union of details.
 * A value of the wrong JavaScript type is a \`TypeError\` instead.
 */
import { ProtocolError } from '@polyphony/primitives';

/** Details of {@link ${type}}. */
export type ${type}Details = {
  readonly code: '${name}/invalid-length';
  /** What was read: \`key\`, \`seal\`. */
  readonly what: string;
  /** In bytes. */
  readonly expected: number;
  readonly actual: number;
};

/** Thrown by every function of this package on bad input. */
export class ${type} extends ProtocolError<${type}Details> {
  override readonly name = '${type}';

  constructor(details: ${type}Details, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: ${type}Details): string {
  switch (details.code) {
    case '${name}/invalid-length':
      return \`\${details.what} must be \${details.expected} bytes, got \${details.actual}\`;
  }
}
`;
}

function index({ name, description }: NewPackage): string {
  const type = errorClassName(name);
  return `/** ${description} */\nexport { ${type}, type ${type}Details } from './errors.js';\n`;
}

function vectors({ name }: NewPackage): object {
  return {
    what: 'Messages of the errors, part of the API.',
    source: `packages/${name}/src/errors.ts`,
    'made-by': 'written by hand',
    cases: [
      {
        name: 'one byte short',
        in: { code: `${name}/invalid-length`, what: 'key', expected: 48, actual: 47 },
        out: 'key must be 48 bytes, got 47',
      },
    ],
  };
}

function vectorTest({ name }: NewPackage): string {
  const type = errorClassName(name);
  return `import { loadVectors, packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import { ${type}, type ${type}Details } from '../src/errors.js';

for (const { name, in: details, out } of loadVectors<${type}Details, string>(
  import.meta.url,
  'errors',
  { in: ['code', 'what', 'expected', 'actual'] },
)) {
  test(\`message: \${name}\`, () => {
    const error = new ${type}(details);
    expect(error.message).toBe(out);
    expect(error.code).toBe(details.code);
  });
}

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
`;
}

function readme({ name, layer, description }: NewPackage): string {
  const type = errorClassName(name);
  return `# @polyphony/${name}

${description}

## Install

\`\`\`sh
npm install @polyphony/${name}
\`\`\`

ES modules, Node 20.19 or newer, and browsers.

## Use

\`\`\`ts
import { ${type} } from '@polyphony/${name}';

const details = { code: '${name}/invalid-length', what: 'key', expected: 48, actual: 47 } as const;
console.log(new ${type}(details).message); // key must be 48 bytes, got 47
\`\`\`

## Owns / does not own

It stands in layer ${layer} and imports only from layers below. See [ARCHITECTURE.md](../../ARCHITECTURE.md).

## Concepts

| word | meaning |
| --- | --- |

## API by subpath

| subpath | names |
| --- | --- |
| \`.\` | \`${type}\` |

## Errors

| code | when |
| --- | --- |
| \`${name}/invalid-length\` | bytes of another length than the field has |

## Vectors and how they were made

| file | what | made by |
| --- | --- | --- |
| \`vectors/errors.json\` | messages of the errors | hand |

## Limits

Nothing is read or allocated from a peer's bytes.

## Speed

Not measured.

## Security and out of scope

Not audited. See [SECURITY.md](../../SECURITY.md).
`;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

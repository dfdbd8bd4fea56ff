// The house rules of src, held: imports point down, the lower layers are pure, each outside library has one home, and
// files stay small.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import ts from 'typescript';

const SRC = fileURLToPath(new URL('../src', import.meta.url));
const MAX_LINES = 400;

/** From the top down. A layer is a folder of src, or a file that stands alone. */
const LAYERS = [
  'cli.ts',
  'cli',
  'commands',
  'output',
  'storage',
  'inspect',
  'replay',
  'watch',
  'mvcc',
  'bbolt',
  'adt',
  'errors.ts',
];

/** Facts without imports, for whoever needs them. */
const FACTS = ['version.ts'];

/** From here down there is no disk, clock, chance or terminal. */
const PURE_LAYERS = LAYERS.slice(LAYERS.indexOf('inspect'));
/** What they may import; yaml and ajv compute, and touch nothing. */
const PURE_MODULES = ['node:assert', 'node:assert/strict', 'node:buffer', 'ajv', 'yaml'];
const IMPURE_NAMES = new Set([
  'process',
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'crypto',
  'fetch',
  'console',
  'globalThis',
]);

/** Where an outside library may be imported. */
const HOMES: Readonly<Record<string, (file: string) => boolean>> = {
  lmdb: (file) => ['storage/lmdb-backend.ts', 'storage/lmdb-hold.ts'].includes(file),
  chalk: (file) => layerOf(file) === 'output',
  'cli-table3': (file) => layerOf(file) === 'output',
  ajv: (file) => layerOf(file) === 'replay',
  yaml: (file) => layerOf(file) === 'replay',
  commander: (file) => ['cli.ts', 'cli', 'commands'].includes(layerOf(file)),
};

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

interface SourceFile {
  /** Below src, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Globals that make code depend on when and where it runs, with their lines. */
  readonly impure: readonly { readonly name: string; readonly line: number }[];
}

function layerOf(file: string): string {
  return file.split('/')[0]!;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    const { exportClause } = node;
    const named = exportClause !== undefined && ts.isNamedExports(exportClause) ? exportClause.elements : [];
    return node.isTypeOnly || (named.length > 0 && named.every((element) => element.isTypeOnly));
  }
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  const named = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
  return clause.name === undefined && named.length > 0 && named.every((element) => element.isTypeOnly);
}

/** `import(…)`, and `require(…)` of what createRequire gives. */
function loadsModule({ kind, text }: ts.Expression & { readonly text?: string }): boolean {
  return kind === ts.SyntaxKind.ImportKeyword || (kind === ts.SyntaxKind.Identifier && text === 'require');
}

/** `x.process`, `{ process: 1 }` and the like name a property, not the global. */
function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent)) &&
      parent.name === node)
  );
}

/** `path` names the file in what is found; `text` is its source. */
function parse(path: string, text: string): SourceFile {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const lineOf = (node: ts.Node) => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const imports: Import[] = [];
  const impure: { name: string; line: number }[] = [];

  function visit(node: ts.Node): void {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      const specifier = (node.moduleSpecifier as ts.StringLiteral).text;
      imports.push({ specifier, typeOnly: isTypeOnly(node), line: lineOf(node) });
    } else if (ts.isCallExpression(node) && loadsModule(node.expression)) {
      const [argument] = node.arguments;
      const specifier = argument !== undefined && ts.isStringLiteral(argument) ? argument.text : '(computed)';
      imports.push({ specifier, typeOnly: false, line: lineOf(node) });
    } else if (ts.isIdentifier(node) && IMPURE_NAMES.has(node.text) && !isPropertyName(node)) {
      impure.push({ name: node.text, line: lineOf(node) });
    } else if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') {
      impure.push({ name: 'Math.random', line: lineOf(node) });
    }
    ts.forEachChild(node, visit);
  }

  visit(source);
  return { path, lines: text.split('\n').length - 1, imports, impure };
}

function brokenImports(file: SourceFile): string[] {
  const layer = layerOf(file.path);
  const depth = LAYERS.indexOf(layer);
  const pure = PURE_LAYERS.includes(layer);
  return file.imports.flatMap(({ specifier, typeOnly, line }) => {
    const where = `${file.path}:${line}: `;
    if (!specifier.startsWith('.')) {
      const home = HOMES[specifier];
      if (!specifier.startsWith('node:') && !home?.(file.path)) return [`${where}${specifier} does not belong here`];
      if (pure && !PURE_MODULES.includes(specifier)) return [`${where}${specifier} is not pure`];
      return [];
    }
    const target = join(dirname(file.path), specifier).replace(/\.js$/, '.ts');
    if (target.startsWith('..')) return [`${where}${specifier} is not in src`];
    if (typeOnly || FACTS.includes(target)) return [];
    return LAYERS.indexOf(layerOf(target)) < depth ? [`${where}${layer} imports ${target}, which is above it`] : [];
  });
}

function brokenPurity({ path, impure }: SourceFile): string[] {
  const layer = layerOf(path);
  return impure
    .filter(({ name }) => (name === 'process' ? layer !== 'cli.ts' : PURE_LAYERS.includes(layer)))
    .map(({ name, line }) => `${path}:${line}: ${name} is used`);
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replaceAll('\\', '/'))
  .map((path) => parse(path, readFileSync(join(SRC, path), 'utf8')));

t.test('there is something to check, and every file is in a layer', async (t) => {
  t.ok(files.length > 50);
  const strangers = files.map(({ path }) => path).filter((path) => ![...LAYERS, ...FACTS].includes(layerOf(path)));
  t.strictSame(strangers, []);
});

t.test('value imports point down, and outside libraries stay at home', async (t) => {
  t.strictSame(files.flatMap(brokenImports), []);
});

t.test('below storage nothing knows time, chance or the process; process is for cli.ts alone', async (t) => {
  t.strictSame(files.flatMap(brokenPurity), []);
});

t.test(`no file is longer than ${MAX_LINES} lines`, async (t) => {
  const long = files.filter(({ lines }) => lines > MAX_LINES).map(({ path, lines }) => `${path}: ${lines} lines`);
  t.strictSame(long, []);
});

t.test('files are named in kebab-case', async (t) => {
  const misnamed = files.map(({ path }) => path).filter((path) => !/^([a-z0-9]+(-[a-z0-9]+)*[/.])+ts$/.test(path));
  t.strictSame(misnamed, []);
});

t.test('the rules themselves notice what breaks them', async (t) => {
  const importing = (path: string, text: string) => brokenImports(parse(path, text));
  t.strictSame(importing('watch/x.ts', "import { a } from '../replay/y.js';"), [
    'watch/x.ts:1: watch imports replay/y.ts, which is above it',
  ]);
  t.strictSame(importing('watch/x.ts', "import type { A } from '../replay/y.js';"), []);
  t.strictSame(importing('watch/x.ts', "import { type A, type B } from '../replay/y.js';"), []);
  t.strictSame(importing('watch/x.ts', "import { type A, b } from '../replay/y.js';").length, 1);
  t.strictSame(importing('watch/x.ts', "export { a } from '../replay/y.js';").length, 1);
  t.strictSame(importing('watch/x.ts', "export * from '../replay/y.js';").length, 1);
  t.strictSame(importing('watch/x.ts', "export type { A } from '../replay/y.js';"), []);
  t.strictSame(importing('watch/x.ts', "const a = await import('../replay/y.js');").length, 1);
  t.strictSame(importing('watch/x.ts', "import '../replay/y.js';").length, 1);
  t.strictSame(importing('storage/x.ts', "const a = await import('lmdb');").length, 1, 'later, and not at home either');
  t.strictSame(importing('storage/x.ts', "const Table = require('cli-table3');").length, 1);
  t.strictSame(importing('watch/x.ts', 'const a = await import(`../mvcc/y.js`);').length, 1, 'not to be followed');
  t.strictSame(importing('watch/x.ts', "import { a } from '../mvcc/y.js'; import { b } from './z.js';"), []);
  t.strictSame(importing('watch/x.ts', "import { readFileSync } from 'node:fs';"), [
    'watch/x.ts:1: node:fs is not pure',
  ]);
  t.strictSame(importing('watch/x.ts', "import type { Readable } from 'node:stream';").length, 1);
  t.strictSame(importing('watch/x.ts', "import assert from 'node:assert';"), []);
  t.strictSame(importing('storage/x.ts', "import { open } from 'lmdb';"), [
    'storage/x.ts:1: lmdb does not belong here',
  ]);
  t.strictSame(importing('storage/x.ts', "import a from 'left-pad';").length, 1, 'a library without a home');
  t.strictSame(importing('commands/x.ts', "import { Chalk } from 'chalk';").length, 1);
  t.strictSame(importing('commands/x.ts', "import type { Context } from '../cli/context.js';"), []);
  t.strictSame(importing('commands/x.ts', "import { EXIT } from '../cli/exit-code.js';").length, 1);

  const using = (path: string, text: string) => brokenPurity(parse(path, text)).length;
  t.equal(using('mvcc/x.ts', 'const now = Date.now();'), 1);
  t.equal(using('mvcc/x.ts', 'const a = Math.random(); setTimeout(() => {}, 1);'), 2);
  t.equal(using('mvcc/x.ts', 'const a = { process: 1 }; a.process = clock.Date;'), 0);
  t.equal(using('mvcc/x.ts', 'for (const process of all) end(process);'), 2, 'no variable may hide one');
  t.equal(using('output/x.ts', 'const now = Date.now();'), 0);
  t.equal(using('output/x.ts', 'process.exit(1);'), 1);
  t.equal(using('cli.ts', 'process.exitCode = 1;'), 0);
});

// These tests check the house rules of src: imports point down, the lower layers are pure, each outside library has one
// home, and files stay small.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { projectFile } from './support/root.js';

const SRC = projectFile('src');
const MAX_LINES = 400;

/** The layers from the top down. A layer is a folder of src, or a file outside the folders. */
const LAYERS = [
  'cli.ts',
  'cli',
  'commands',
  'index.ts',
  'output',
  'storage',
  'inspect',
  'replay',
  'requests',
  'watch',
  'mvcc',
  'bbolt',
  'wal',
  'kube',
  'adt',
  'bytes',
  'errors.ts',
];

/** The rooms of replay, from the top down. */
const REPLAY_ROOMS = ['explore', 'steps', 'scenario', 'findings', 'guarantees', 'run', 'releases'];

/** The program and the library: nothing in src imports them. */
const ENTRIES = ['cli.ts', 'index.ts'];

/** The files of facts without imports, which any layer may import. */
const FACTS = ['version.ts'];

/** The layers that use no disk, clock, chance or terminal. */
const PURE_LAYERS = LAYERS.slice(LAYERS.indexOf('inspect'));
/** The modules that pure layers may import; yaml, ajv and cborg only compute. */
const PURE_MODULES = ['node:assert', 'node:assert/strict', 'node:buffer', 'ajv', 'yaml', 'cborg'];
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

/** The files that may import an outside library, or a module that starts processes. */
const HOMES: Readonly<Record<string, (file: string) => boolean>> = {
  lmdb: (file) => file.startsWith('storage/lmdb-'),
  chalk: (file) => layerOf(file) === 'output',
  'cli-table3': (file) => layerOf(file) === 'output',
  'string-width': (file) => file === 'output/terminal/width.ts',
  cborg: (file) => file === 'kube/cbor-tree.ts',
  ajv: (file) => layerOf(file) === 'replay',
  yaml: (file) => layerOf(file) === 'replay',
  'node:child_process': (file) => layerOf(file) === 'commands',
  commander: (file) => ['cli.ts', 'cli', 'commands'].includes(layerOf(file)),
};

interface Import {
  readonly specifier: string;
  readonly line: number;
}

interface SourceFile {
  /** The path below src, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** The globals that make code depend on when and where it runs, with their lines. */
  readonly impure: readonly { readonly name: string; readonly line: number }[];
}

function layerOf(file: string): string {
  return file.split('/')[0]!;
}

/** Returns the room of replay that a file is in; undefined elsewhere. */
function roomOf(path: string): string | undefined {
  const [layer, room] = path.split('/');
  return layer === 'replay' ? room : undefined;
}

/** Returns the file that a relative import names, below src. */
function targetOf({ path }: Pick<SourceFile, 'path'>, specifier: string): string {
  return join(dirname(path), specifier).replaceAll('\\', '/').replace(/\.js$/, '.ts');
}

/** Returns whether an expression is the `import` of `import(…)`, or the `require` that createRequire returns. */
function loadsModule({ kind, text }: ts.Expression & { readonly text?: string }): boolean {
  return kind === ts.SyntaxKind.ImportKeyword || (kind === ts.SyntaxKind.Identifier && text === 'require');
}

/** Returns whether an identifier names a property, as in `x.process` or `{ process: 1 }`, and not the global. */
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

/** Returns what the rules need of a file; `path` names it in findings, and `text` is its source. */
function parse(path: string, text: string): SourceFile {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const lineOf = (node: ts.Node) => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const imports: Import[] = [];
  const impure: { name: string; line: number }[] = [];

  function visit(node: ts.Node): void {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      const specifier = (node.moduleSpecifier as ts.StringLiteral).text;
      imports.push({ specifier, line: lineOf(node) });
    } else if (ts.isCallExpression(node) && loadsModule(node.expression)) {
      const [argument] = node.arguments;
      const specifier = argument !== undefined && ts.isStringLiteral(argument) ? argument.text : '(computed)';
      imports.push({ specifier, line: lineOf(node) });
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
  return file.imports.flatMap(({ specifier, line }) => {
    const where = `${file.path}:${line}: `;
    if (!specifier.startsWith('.')) {
      const home = HOMES[specifier];
      const belongs = home === undefined ? specifier.startsWith('node:') : home(file.path);
      if (!belongs) return [`${where}${specifier} does not belong here`];
      if (pure && !PURE_MODULES.includes(specifier)) return [`${where}${specifier} is not pure`];
      return [];
    }
    const target = targetOf(file, specifier);
    if (target.startsWith('..')) return [`${where}${specifier} is not in src`];
    if (FACTS.includes(target)) return [];
    if (LAYERS.indexOf(layerOf(target)) < depth) return [`${where}${layer} imports ${target}, which is above it`];
    const [room, targetRoom] = [roomOf(file.path), roomOf(target)];
    if (room === undefined || targetRoom === undefined) return [];
    return REPLAY_ROOMS.indexOf(targetRoom) < REPLAY_ROOMS.indexOf(room)
      ? [`${where}replay/${room} imports ${target}, which is above it`]
      : [];
  });
}

function brokenPurity({ path, impure }: SourceFile): string[] {
  const layer = layerOf(path);
  return impure
    .filter(({ name }) => (name === 'process' ? layer !== 'cli.ts' : PURE_LAYERS.includes(layer)))
    .map(({ name, line }) => `${path}:${line}: ${name} is used`);
}

/** Returns the files that a file imports, below src. */
const targetsOf = (file: SourceFile): string[] =>
  file.imports.filter(({ specifier }) => specifier.startsWith('.')).map(({ specifier }) => targetOf(file, specifier));

/** Returns the groups of files that import each other, each sorted: the strongly connected components, by Tarjan. */
function importCircles(files: readonly SourceFile[]): string[][] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  function visit(path: string): void {
    order.set(path, order.size);
    lowest.set(path, order.get(path)!);
    open.push(path);
    for (const target of targetsOf(byPath.get(path)!)) {
      if (!byPath.has(target)) continue;
      if (!order.has(target)) visit(target);
      if (open.includes(target)) lowest.set(path, Math.min(lowest.get(path)!, lowest.get(target)!));
    }
    if (lowest.get(path) !== order.get(path)) return;
    const circle = open.splice(open.indexOf(path));
    if (circle.length > 1) circles.push(circle.sort());
  }
  for (const { path } of files) if (!order.has(path)) visit(path);
  return circles;
}

/** Returns the files that no other file imports. */
function orphans(files: readonly SourceFile[]): string[] {
  const imported = new Set(files.flatMap(targetsOf));
  return files.map(({ path }) => path).filter((path) => !imported.has(path) && !ENTRIES.includes(path));
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

t.test('imports point down, types included, and outside libraries stay at home', async (t) => {
  t.strictSame(files.flatMap(brokenImports), []);
});

t.test('no files import each other in a circle, types included', async (t) => {
  t.strictSame(importCircles(files), []);
});

t.test('every file but an entry is imported, and every file of replay is in a room', async (t) => {
  t.strictSame(orphans(files), []);
  const rooms = new Set(files.map(({ path }) => roomOf(path)).filter((room) => room !== undefined));
  t.strictSame([...rooms].sort(), [...REPLAY_ROOMS].sort());
});

t.test('below storage nothing knows time, chance or the process; process is for cli.ts alone', async (t) => {
  t.strictSame(files.flatMap(brokenPurity), []);
});

t.test(`no file is longer than ${MAX_LINES} lines`, async (t) => {
  const long = files.filter(({ lines }) => lines > MAX_LINES).map(({ path, lines }) => `${path}: ${lines} lines`);
  t.strictSame(long, []);
});

t.test('tests run compiled, from elsewhere, and all draw with one seed', async (t) => {
  const sources = readdirSync(projectFile('test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && path !== 'layers.test.ts')
    .map((path) => ({ path, text: readFileSync(projectFile(`test/${path}`), 'utf8') }));
  const using = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
  t.strictSame(using(/import\.meta/), [], 'support/root.js finds the files of the project');
  t.strictSame(using(/ from 'fast-check'/), ['support/fast-check.ts'], 'support/fast-check.ts sets the seed');
  t.strictSame(using(/Math\.random|Date\.now\(\) %/), [], 'support/random.js gives random numbers');
});

t.test('a test is named after what it tests, or says in its first line what that is', async (t) => {
  const unclear = readdirSync(projectFile('test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && !existsSync(join(SRC, path.replace(/\.test\.ts$/, '.ts'))))
    .filter((path) => !readFileSync(projectFile(`test/${path}`), 'utf8').startsWith('// '));
  t.strictSame(unclear, []);
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
  t.strictSame(importing('watch/x.ts', "import type { A } from '../replay/y.js';").length, 1, 'types too');
  t.strictSame(importing('watch/x.ts', "import { type A, type B } from '../replay/y.js';").length, 1, 'types too');
  t.strictSame(importing('watch/x.ts', "import { type A, b } from '../replay/y.js';").length, 1);
  t.strictSame(importing('watch/x.ts', "export { a } from '../replay/y.js';").length, 1);
  t.strictSame(importing('watch/x.ts', "export * from '../replay/y.js';").length, 1);
  t.strictSame(importing('watch/x.ts', "export type { A } from '../replay/y.js';").length, 1, 'types too');
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
  t.strictSame(importing('commands/x.ts', "import type { Program } from '../cli/program.js';").length, 1);
  t.strictSame(importing('commands/x.ts', "import { EXIT } from './exit-code.js';"), []);
  t.strictSame(importing('replay/run/x.ts', "import type { A } from '../findings/y.js';"), [
    'replay/run/x.ts:1: replay/run imports replay/findings/y.ts, which is above it',
  ]);
  t.strictSame(importing('replay/findings/x.ts', "import { a } from '../run/y.js';"), []);

  const tree = [
    parse('cli.ts', "import './mvcc/a.js';"),
    parse('mvcc/a.ts', "import type { B } from './b.js';"),
    parse('mvcc/b.ts', "import { c } from '../adt/c.js';"),
    parse('adt/c.ts', "export * from '../mvcc/a.js';"),
    parse('adt/d.ts', "import './c.js';"),
  ];
  t.strictSame(importCircles(tree), [['adt/c.ts', 'mvcc/a.ts', 'mvcc/b.ts']]);
  t.strictSame(orphans(tree), ['adt/d.ts']);

  const using = (path: string, text: string) => brokenPurity(parse(path, text)).length;
  t.equal(using('mvcc/x.ts', 'const now = Date.now();'), 1);
  t.equal(using('mvcc/x.ts', 'const a = Math.random(); setTimeout(() => {}, 1);'), 2);
  t.equal(using('mvcc/x.ts', 'const a = { process: 1 }; a.process = clock.Date;'), 0);
  t.equal(using('mvcc/x.ts', 'for (const process of all) end(process);'), 2, 'no variable may hide one');
  t.equal(using('output/x.ts', 'const now = Date.now();'), 0);
  t.equal(using('output/x.ts', 'process.exit(1);'), 1);
  t.equal(using('cli.ts', 'process.exitCode = 1;'), 0);
});

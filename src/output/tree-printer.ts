// Draws the interval tree of watch ranges, and prints which watchers a key reaches.
//
// The root is at the left margin, and the intervals are in key order from top to bottom:
//
//   ┌── [a, c)
//   │   └── b
//   [d, f)
//   └── [e, ∞)

import { base64, utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import type { ReachedWatcher, WatchTree, WatchTreeNode } from '../inspect/watch-tree.js';
import { endText, intervalText } from './formats/interval-text.js';
import { toJson } from './formats/json.js';
import { drawTable } from './formats/table.js';
import { fill } from './terminal/fill.js';
import { plural } from './terminal/plural.js';
import type { Style } from './terminal/style.js';
import { escapeText } from './terminal/text.js';
import { textWidth, widestOf } from './terminal/width.js';

/** Prints a tree; each function returns a byte string. */
export interface TreePrinter {
  tree(tree: WatchTree): string;
  /** Prints the watchers that `key` reaches. */
  reached(key: string, watchers: readonly ReachedWatcher[]): string;
}

interface Row {
  readonly node: WatchTreeNode;
  /** The drawing that connects the node to its parent. */
  readonly branch: string;
}

type Place = 'root' | 'above' | 'below';

/** Yields the rows of a subtree in key order; `indent` comes before each of them. */
function* rowsBelow(node: WatchTreeNode, indent = '', place: Place = 'root'): Iterable<Row> {
  // A line runs past the rows between a node and its parent.
  const towards = (side: Place) => (place === 'root' ? '' : `${indent}${place === side ? '    ' : '│   '}`);
  if (node.left !== undefined) yield* rowsBelow(node.left, towards('above'), 'above');
  yield { node, branch: place === 'root' ? '' : `${indent}${place === 'above' ? '┌── ' : '└── '}` };
  if (node.right !== undefined) yield* rowsBelow(node.right, towards('below'), 'below');
}

function rowsOf({ root }: WatchTree): Row[] {
  return root === undefined ? [] : [...rowsBelow(root)];
}

function watcherNames(names: readonly string[]): string {
  return names.map(escapeText).join(', ');
}

function heading({ len, watchers, height, maxHeight }: WatchTree): string {
  return `${plural(len, 'interval')} of ${plural(watchers, 'watcher')}, height ${height} of at most ${maxHeight}`;
}

/** The widest drawing that the columns after it are aligned with; a wider one pushes them aside. */
const MAX_ALIGNED_COLUMNS = 64;

function simple({ colour, columns }: Style): TreePrinter {
  function drawRows(rows: readonly Row[]): string {
    const drawn = rows.map(({ node, branch }) => ({ node, branch, interval: intervalText(node) }));
    const widest = widestOf(drawn.map(({ branch, interval }) => branch + interval));
    const aligned = Math.min(widest, MAX_ALIGNED_COLUMNS);
    const lines = drawn.map(({ node, branch, interval }) => {
      const paint = node.colour === 'red' ? colour.red : colour.bold;
      const gap = ' '.repeat(Math.max(0, aligned - textWidth(branch + interval)));
      const details = `height ${node.height}  ${paint(node.colour.padEnd(5))}  ${watcherNames(node.value)}`;
      return `${colour.dim(branch)}${paint(interval)}${gap}  ${details}\n`;
    });
    return lines.join('');
  }

  return {
    tree(tree) {
      const rows = rowsOf(tree);
      return utf8(`${fill(heading(tree), columns)}\n${rows.length === 0 ? '' : `\n${drawRows(rows)}`}`);
    },
    reached: (_key, watchers) => watchers.map(({ name }) => utf8(`${escapeText(name)}\n`)).join(''),
  };
}

/** Returns an end in JSON; null is infinity. */
function endJson(end: string): string | null {
  return end === '' ? null : base64(end);
}

function nodeJson(node: WatchTreeNode | undefined): object | null {
  if (node === undefined) return null;
  const { begin, end, maxEnd, colour, height, value, left, right } = node;
  return {
    begin: base64(begin),
    end: endJson(end),
    maxEnd: endJson(maxEnd),
    colour,
    height,
    watchers: value,
    left: nodeJson(left),
    right: nodeJson(right),
  };
}

const json: TreePrinter = {
  tree({ watchers, len, height, maxHeight, root }) {
    return utf8(`${toJson({ watchers, len, height, maxHeight, root: nodeJson(root) })}\n`);
  },
  reached(key, watchers) {
    const found = watchers.map(({ name, begin, end }) => ({ name, begin: base64(begin), end: endJson(end) }));
    return utf8(`${toJson({ key: base64(key), watchers: found })}\n`);
  },
};

const fields: TreePrinter = {
  tree(tree) {
    const { watchers, len, height, maxHeight } = tree;
    const head = `"Watchers" : ${watchers}\n"Len" : ${len}\n"Height" : ${height}\n"MaxHeight" : ${maxHeight}\n`;
    const nodes = rowsOf(tree).map(({ node }) => {
      const names = node.value.map((name) => `"Watcher" : ${quoteGo(utf8(name))}\n`).join('');
      return `\n"Begin" : ${quoteGo(node.begin)}\n"End" : ${quoteGo(node.end)}\n"MaxEnd" : ${quoteGo(node.maxEnd)}\n"Colour" : "${node.colour}"\n"Height" : ${node.height}\n${names}`;
    });
    return `${head}${nodes.join('')}`;
  },
  reached: (_key, watchers) =>
    watchers
      .map(({ name, begin, end }) => {
        return `"Watcher" : ${quoteGo(utf8(name))}\n"Begin" : ${quoteGo(begin)}\n"End" : ${quoteGo(end)}\n\n`;
      })
      .join(''),
};

const table = ({ columns }: Style): TreePrinter => ({
  tree(tree) {
    const rows = rowsOf(tree).map(({ node, branch }) => [
      `${branch}${intervalText(node)}`,
      node.colour,
      node.height,
      endText(node.maxEnd),
      watcherNames(node.value),
    ]);
    return `${drawTable(['interval', 'colour', 'height', 'max end', 'watchers'], rows, { columns })}${utf8(fill(heading(tree), columns))}\n`;
  },
  reached: (_key, watchers) =>
    drawTable(
      ['watcher', 'interval'],
      watchers.map((watcher) => [escapeText(watcher.name), intervalText(watcher)]),
      { columns },
    ),
});

export const TREE_PRINTERS: Readonly<Record<string, (style: Style) => TreePrinter>> = {
  simple,
  json: () => json,
  fields: () => fields,
  table,
};

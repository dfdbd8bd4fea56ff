// Makes a tree of CBOR. Kubernetes writes most text as byte strings, and bytes as byte strings with a tag.

import { decode } from 'cborg';
import { decodeUtf8, type Tree, type TreeEntry } from './tree.js';

/** The tags that say how bytes are to be written as text: they are bytes then. */
const TAGS_OF_BYTES = [21, 22, 23];

class Tagged {
  constructor(
    readonly tag: number,
    readonly value: unknown,
  ) {}
}

type Tags = NonNullable<NonNullable<Parameters<typeof decode>[1]>['tags']>;

/** Gives each tag a decoder that keeps it. */
const ANY_TAG: Tags = new Proxy<Tags>(
  {},
  { get: (_, tag) => (content: () => unknown) => new Tagged(Number(tag), content()) },
);

const MAX_DEPTH = 400;

/** Returns the tree of a CBOR item. Throws an error of any kind if the bytes are none, or are nested too deeply. */
export function cborTree(bytes: Buffer): Tree {
  return treeOf(decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true, tags: ANY_TAG }), 0);
}

function treeOf(value: unknown, depth: number): Tree {
  if (depth > MAX_DEPTH) throw new Error('it is nested too deeply');
  if (typeof value === 'string') return { is: 'text', text: value };
  if (value instanceof Uint8Array) {
    const text = decodeUtf8(value);
    return text === undefined ? { is: 'bytes', bytes: Buffer.from(value) } : { is: 'text', text };
  }
  if (value instanceof Tagged) return taggedTree(value, depth + 1);
  if (Array.isArray(value)) return { is: 'list', items: value.map((item) => treeOf(item, depth + 1)) };
  if (value instanceof Map) {
    return {
      is: 'map',
      entries: Array.from(value, ([name, child]): TreeEntry => [nameOf(name, depth + 1), treeOf(child, depth + 1)]),
    };
  }
  return { is: 'literal', text: Object.is(value, -0) ? '-0' : String(value) };
}

function taggedTree({ tag, value }: Tagged, depth: number): Tree {
  if (TAGS_OF_BYTES.includes(tag) && value instanceof Uint8Array) return { is: 'bytes', bytes: Buffer.from(value) };
  return { is: 'map', entries: [[`tag ${tag}`, treeOf(value, depth)]] };
}

function nameOf(name: unknown, depth: number): string {
  const tree = treeOf(name, depth);
  if (tree.is === 'text' || tree.is === 'literal') return tree.text;
  return tree.is === 'bytes' ? tree.bytes.toString('latin1') : `a ${tree.is}`;
}

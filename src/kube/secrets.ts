// Hides what is secret: the data of a Secret wherever it stands, also in annotations, in other objects that hold a Secret,
// and in bytes that cannot be read but may be one.

import { childOf, type Tree, type TreeEntry, type TreeList, type TreeMap } from './tree.js';
import type { KubeValue } from './value.js';

/** Matches the keys under which an apiserver stores Secrets, whatever its prefix is. */
const KEY_OF_SECRET = /(?:^|\/)secrets\/[^/]+\/[^/]+$/;

/** Matches what holds a Secret as JSON, also with escapes, YAML, or CBOR. */
const HOLDS_SECRET = /kind(?:\W{1,12}|[Ff])Secret(?:List)?(?![a-z])/;

// Matches what holds the name of the kind as protobuf has it: field 2, of six bytes.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are bytes
const HOLDS_SECRET_KIND = /\x12\x06Secret/;

/** What is shown of a Secret, and of its metadata. Annotations can hold a copy of the data. */
const SHOWN_FIELDS = ['apiVersion', 'kind', 'type', 'immutable'];
const SHOWN_METADATA = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'ownerReferences',
  'finalizers',
  'clusterName',
  'managedFields',
];

const hidden = (tree: Tree): Tree => (tree.is === 'hidden' ? tree : { is: 'hidden', tree });

/** Returns the tree of a Secret without what is secret. */
export function hideSecret(tree: Tree): Tree {
  return tree.is === 'map' ? hideData(tree) : hidden(tree);
}

/** Tells whether the value of a key is a Secret, or can be what is left of one: then its bytes must not be shown. */
export function isSecret(value: KubeValue, key: string, bytes: Buffer): boolean {
  if (KEY_OF_SECRET.test(key)) return true;
  if (value.form === 'object') return value.kind === 'Secret';
  if (value.form === 'document' && value.encoding !== 'protobuf') return false;
  const latin1 = bytes.toString('latin1');
  return HOLDS_SECRET.test(latin1) || HOLDS_SECRET_KIND.test(latin1);
}

/** Returns a tree without the Secrets in it; the tree itself if there is none. */
export function hideInside(tree: Tree): Tree {
  switch (tree.is) {
    case 'text':
      return HOLDS_SECRET.test(tree.text) ? hidden(tree) : tree;
    case 'bytes':
      return HOLDS_SECRET.test(tree.bytes.toString('latin1')) ? hidden(tree) : tree;
    case 'list':
      return listItems(tree, hideInside);
    case 'map':
      return isWholeSecret(tree) ? hideData(tree) : mapEntries(tree, (_, child) => hideInside(child));
    default:
      return tree;
  }
}

/** Tells whether a map is a Secret, and not only the name of one. */
function isWholeSecret(tree: TreeMap): boolean {
  const kind = childOf(tree, 'kind');
  if (kind?.is !== 'text' || kind.text !== 'Secret') return false;
  return ['metadata', 'data', 'stringData'].some((name) => childOf(tree, name) !== undefined);
}

function hideData(secret: TreeMap): Tree {
  return mapEntries(secret, (name, tree) => {
    if (SHOWN_FIELDS.includes(name)) return hideUnusual(tree);
    return name === 'metadata' && tree.is === 'map' ? hideMetadata(tree) : hideValues(tree);
  });
}

function hideMetadata(metadata: TreeMap): Tree {
  return mapEntries(metadata, (name, tree) => (SHOWN_METADATA.includes(name) ? hideUnusual(tree) : hideValues(tree)));
}

/** Matches what names, labels and times look like. */
const USUAL_TEXT = /^[\x20-\x7e]{0,253}$/;

/** Matches the name of a field that its type does not have. */
const NUMBER = /^\d+$/;

/** Hides what is not as it should be in a part that is shown: one changed byte can put a Secret's data there. */
function hideUnusual(tree: Tree): Tree {
  switch (tree.is) {
    case 'map':
      return mapEntries(tree, (name, child) => (NUMBER.test(name) ? hidden(child) : hideUnusual(child)));
    case 'list':
      return listItems(tree, hideUnusual);
    case 'text':
      return USUAL_TEXT.test(tree.text) && !HOLDS_SECRET.test(tree.text) ? tree : hidden(tree);
    case 'bytes':
      return hidden(tree);
    default:
      return tree;
  }
}

/** Hides the values of a map, whose names say what they are, or else the whole. */
function hideValues(tree: Tree): Tree {
  return tree.is === 'map' ? mapEntries(tree, (_, child) => hidden(child)) : hidden(tree);
}

function listItems(list: TreeList, change: (tree: Tree) => Tree): Tree {
  const items = list.items.map(change);
  return items.every((item, i) => item === list.items[i]) ? list : { is: 'list', items };
}

function mapEntries(map: TreeMap, change: (name: string, tree: Tree) => Tree): TreeMap {
  const entries = map.entries.map(([name, tree]): TreeEntry => [name, change(name, tree)]);
  return entries.every(([, tree], i) => tree === map.entries[i]![1]) ? map : { is: 'map', entries };
}

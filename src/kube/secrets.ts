// Hides what is secret: the data of a Secret wherever it stands, also in annotations, in other objects that hold a Secret,
// and in bytes that cannot be read but may be one.

import type { Tree, TreeEntry, TreeList, TreeMap } from './tree.js';
import type { KubeValue } from './value.js';

/** Matches the keys under which an apiserver stores Secrets, whatever its prefix is. */
const KEY_OF_SECRET = /(?:^|\/)secrets\/[^/]+\/[^/]+$/;

/** A list of Secrets does not say of each item what it is. */
const KINDS_OF_SECRETS = ['Secret', 'SecretList'];

/** Matches what holds a Secret as JSON, also where a string holds JSON in which strings hold JSON, or as YAML. */
const HOLDS_SECRET = /kind\W{1,40}Secret(?:List)?(?![a-z])/;

// Matches what holds the kind as CBOR has it, in a string of 6 or of 10 bytes, or as protobuf has it, in field 2.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are bytes
const HOLDS_ENCODED_SECRET = /kind(?:[Ff]Secret|[Jj]SecretList)|\x12(?:\x06Secret|\x0aSecretList)/;

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

/** Returns the tree of a Secret without what is secret. Of what is no object nobody can say which names are names. */
export function hideSecret({ form }: KubeValue, tree: Tree): Tree {
  return form === 'object' && tree.is === 'map' ? hideData(tree) : hidden(tree);
}

/** Tells whether the value of a key is a Secret, or can be what is left of one: then its bytes must not be shown. */
export function isSecret(value: KubeValue, key: string, bytes: Buffer): boolean {
  if (KEY_OF_SECRET.test(key)) return true;
  if (value.form === 'object') return KINDS_OF_SECRETS.includes(value.kind);
  if (value.form === 'document' && value.encoding !== 'protobuf') return false;
  return holdsSecret(bytes);
}

function holdsSecret(bytes: Buffer): boolean {
  const latin1 = bytes.toString('latin1');
  return HOLDS_SECRET.test(latin1) || HOLDS_ENCODED_SECRET.test(latin1);
}

/** Returns a tree without the Secrets in it; the tree itself if there is none. */
export function hideInside(tree: Tree): Tree {
  switch (tree.is) {
    case 'text':
      return HOLDS_SECRET.test(tree.text) ? hidden(tree) : tree;
    case 'bytes':
      return holdsSecret(tree.bytes) ? hidden(tree) : tree;
    case 'list':
      return listItems(tree, hideInside);
    case 'map':
      return isWholeSecret(tree) ? hideData(tree) : mapEntries(tree, (_, child) => hideInside(child));
    default:
      return tree;
  }
}

/** What only a Secret or a list of them has, and not the name of one. */
const PARTS_OF_SECRETS = ['metadata', 'data', 'stringData', 'items'];

/** Tells whether a map is a Secret, or a list of Secrets. One of two entries with the same name is enough. */
function isWholeSecret({ entries }: TreeMap): boolean {
  const isKind = ([name, tree]: TreeEntry) =>
    name === 'kind' && tree.is === 'text' && KINDS_OF_SECRETS.includes(tree.text);
  return entries.some(isKind) && entries.some(([name]) => PARTS_OF_SECRETS.includes(name));
}

function hideData(secret: TreeMap): Tree {
  return secretEntries(secret, (name, tree) => {
    if (SHOWN_FIELDS.includes(name)) return hideUnusual(tree);
    return name === 'metadata' && tree.is === 'map' ? hideMetadata(tree) : hideValues(tree);
  });
}

function hideMetadata(metadata: TreeMap): Tree {
  return secretEntries(metadata, (name, tree) =>
    SHOWN_METADATA.includes(name) ? hideUnusual(tree) : hideValues(tree),
  );
}

/** Matches what names, labels and times look like. */
const USUAL_TEXT = /^[\x20-\x7e]{0,253}$/;

/** Matches what names of entries look like; those of labels are the longest. */
const USUAL_NAME = /^[\x20-\x7e]{0,317}$/;

/** Matches the name of a field that its type does not have. */
const NUMBER = /^\d+$/;

/** Hides what is not as it should be in a part that is shown: one changed byte can put a Secret's data there. */
function hideUnusual(tree: Tree): Tree {
  switch (tree.is) {
    case 'map':
      return secretEntries(tree, (name, child) => (NUMBER.test(name) ? hidden(child) : hideUnusual(child)));
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
  return tree.is === 'map' ? secretEntries(tree, (_, child) => hidden(child)) : hidden(tree);
}

function listItems(list: TreeList, change: (tree: Tree) => Tree): Tree {
  const items = list.items.map(change);
  return items.every((item, i) => item === list.items[i]) ? list : { is: 'list', items };
}

/** Returns a map of a Secret with its trees changed, and without names that are not as they should be. */
function secretEntries(map: TreeMap, change: (name: string, tree: Tree) => Tree): TreeMap {
  const { entries } = mapEntries(map, change);
  const isUsual = ([name]: TreeEntry) => USUAL_NAME.test(name) && !HOLDS_SECRET.test(name);
  return { is: 'map', entries: entries.map((entry) => (isUsual(entry) ? entry : ['(hidden)', hidden(entry[1])])) };
}

function mapEntries(map: TreeMap, change: (name: string, tree: Tree) => Tree): TreeMap {
  const entries = map.entries.map(([name, tree]): TreeEntry => [name, change(name, tree)]);
  return entries.every(([, tree], i) => tree === map.entries[i]![1]) ? map : { is: 'map', entries };
}

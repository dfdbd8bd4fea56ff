// What may be told of a value: what it is, and its fields, without what is secret.

import { type Field, fieldsOf } from './fields.js';
import { objectMeta } from './object-meta.js';
import { hideInside, hideSecret, isSecret } from './secrets.js';
import { childOf, type Tree } from './tree.js';
import { type KubeValue, recogniseValue } from './value.js';

export interface ToldValue {
  readonly value: KubeValue;
  /** What the value says, as far as it may be told. A value that is no document is one leaf; an encrypted one is its bytes. */
  readonly tree: Tree;
  /** Whether something is hidden: then the value's bytes must not be shown either. */
  readonly hidden: boolean;
}

export interface TellOptions {
  readonly showSecrets?: boolean | undefined;
}

/** Tells what the value of a key is. */
export function tellValue(key: string, bytes: Buffer, { showSecrets = false }: TellOptions = {}): ToldValue {
  const value = recogniseValue(bytes);
  const whole = treeOf(value, bytes);
  if (showSecrets || value.form === 'encrypted') return { value, tree: whole, hidden: false };
  const tree = isSecret(value, key, bytes) ? hideSecret(value, whole) : hideInside(whole);
  return tree === whole ? { value, tree, hidden: false } : { value: withoutHidden(value, tree), tree, hidden: true };
}

/** Returns what a value is as far as it is not hidden: labels can hold a copy of a Secret, too. */
function withoutHidden(value: KubeValue, tree: Tree): KubeValue {
  return value.form === 'object' ? { ...value, tree, meta: objectMeta(childOf(tree, 'metadata')) } : value;
}

function treeOf(value: KubeValue, bytes: Buffer): Tree {
  if (value.form === 'object' || value.form === 'document') return value.tree;
  return value.form === 'text' ? { is: 'text', text: value.text } : { is: 'bytes', bytes };
}

/** Tells whether a value has fields: text has none, and what is hidden as a whole tells none. */
export function hasFields({ value, tree }: ToldValue): boolean {
  return (value.form === 'object' || value.form === 'document') && tree.is !== 'hidden';
}

/** Returns the fields of a value; none if it has none. */
export function fieldsOfTold(told: ToldValue): readonly Field[] {
  return hasFields(told) ? [...fieldsOf(told.tree)] : [];
}

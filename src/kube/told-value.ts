// What may be told of a value: what it is, and its fields, without what is secret.

import { type Field, fieldsOf } from './fields.js';
import { hideInside, hideSecret, isSecret } from './secrets.js';
import type { Tree } from './tree.js';
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
  if (isSecret(value, key, bytes)) return { value, tree: hideSecret(whole), hidden: true };
  const tree = hideInside(whole);
  return { value, tree, hidden: tree !== whole };
}

function treeOf(value: KubeValue, bytes: Buffer): Tree {
  if (value.form === 'object' || value.form === 'document') return value.tree;
  return value.form === 'text' ? { is: 'text', text: value.text } : { is: 'bytes', bytes };
}

/** Returns the fields of a value; none if it has no parts, as text does. */
export function fieldsOfTold({ value, tree }: ToldValue): readonly Field[] {
  return value.form === 'object' || value.form === 'document' ? [...fieldsOf(tree)] : [];
}

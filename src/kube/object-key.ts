// The keys under which an apiserver stores objects: PREFIX/[GROUP/]RESOURCE/[NAMESPACE/]NAME. Prefix, group and resource
// take one or more parts, and cannot be told apart without knowing the resource: only how a key ends follows from an object.

import { utf8 } from '../bytes/byte-string.js';
import type { ObjectIdentity } from './identity.js';

/** Returns the parts of its key that an object says itself: NAMESPACE/NAME, or NAME. */
export function placeOf({ namespace, name }: Pick<ObjectIdentity, 'namespace' | 'name'>): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/**
 * Tells whether a key is that of the object. An object without a name is one of those that an apiserver keeps for itself,
 * such as the leases of masters and the ranges of addresses: their keys say more than they do.
 */
export function isOwnKey(key: string, object: ObjectIdentity): boolean {
  return object.name === '' || key.endsWith(`/${utf8(placeOf(object))}`);
}

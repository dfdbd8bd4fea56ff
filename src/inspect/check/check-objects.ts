// Checks objects of Kubernetes against the keys that they are stored under (kubernetes #135115).

import { quoteKey } from '../../bytes/key-text.js';
import { type ObjectIdentity, objectIdentity } from '../../kube/identity.js';
import { isOwnKey, placeOf } from '../../kube/object-key.js';
import type { Finding } from './finding.js';

/** Returns the finding for an object under a key that is not its own; undefined if there is no such object. */
export function checkObject(key: string, value: Buffer, modRevision: number): Finding | undefined {
  const object = objectIdentity(value);
  if (object === undefined || object === 'encrypted' || isOwnKey(key, object)) return undefined;
  return misplacedObject(key, object, modRevision);
}

export function misplacedObject(key: string, object: ObjectIdentity, modRevision: number): Finding {
  const { apiVersion, kind } = object;
  return objectFinding(key, modRevision, `holds the ${apiVersion} ${kind} ${placeOf(object)}, which has another key`);
}

export function unreadableObject(key: string, modRevision: number): Finding {
  return objectFinding(key, modRevision, 'holds no object that can be read: an apiserver cannot list what is there');
}

function objectFinding(key: string, modRevision: number, holds: string): Finding {
  const problem = `revision ${modRevision}: ${quoteKey(key)} ${holds}`;
  return { kind: 'object', table: 'key', revision: { main: modRevision, sub: 0 }, key, problem };
}

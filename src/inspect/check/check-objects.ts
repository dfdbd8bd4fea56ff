// Checks objects of Kubernetes against the keys that they are stored under (kubernetes #135115).

import { quoteKey } from '../../bytes/key-text.js';
import { type ObjectIdentity, objectIdentity } from '../../kube/identity.js';
import { isOwnKey, placeOf } from '../../kube/object-key.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { Finding } from './finding.js';
import type { Found, RecordVisitor } from './record-pass.js';

/** Finds the objects under keys that are not their own. It judges each record by itself. */
export class ObjectVisitor implements RecordVisitor {
  visit(record: StoredRecord, _before: unknown, found: Found): void {
    if (record.tombstone) return;
    const object = objectIdentity(record.keyValue().value);
    if (object === undefined || object === 'encrypted' || isOwnKey(record.key, object)) return;
    found(misplacedObject(record.key, object, record.main));
  }
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

// The types of protobuf messages whose fields are known by name: the metadata that all objects share, and the bodies of a
// few kinds. Field numbers are those of Kubernetes' generated.proto files; they never change.

/** What the value of a field is. A `microTime` is written with six digits behind the point. `json` is a message with JSON text in its field 1. */
type ScalarType = 'text' | 'bytes' | 'number' | 'truth' | 'time' | 'microTime' | 'json';

export interface FieldType {
  readonly name: string;
  readonly type: ScalarType | MessageType;
  /** `list`: the field may be there several times. `map`: so may it, each time with a key in field 1, a value in field 2. */
  readonly many?: 'list' | 'map';
  /** Whether nothing and zero are different; else zero is left out, as Kubernetes' JSON leaves it out. */
  readonly optional?: true;
}

export interface MessageType {
  readonly [number: number]: FieldType;
}

const MANAGED_FIELDS: MessageType = {
  1: { name: 'manager', type: 'text' },
  2: { name: 'operation', type: 'text' },
  3: { name: 'apiVersion', type: 'text' },
  4: { name: 'time', type: 'time' },
  6: { name: 'fieldsType', type: 'text' },
  7: { name: 'fieldsV1', type: 'json' },
  8: { name: 'subresource', type: 'text' },
};

const OWNER_REFERENCE: MessageType = {
  1: { name: 'kind', type: 'text' },
  3: { name: 'name', type: 'text' },
  4: { name: 'uid', type: 'text' },
  5: { name: 'apiVersion', type: 'text' },
  6: { name: 'controller', type: 'truth', optional: true },
  7: { name: 'blockOwnerDeletion', type: 'truth', optional: true },
};

export const OBJECT_META: MessageType = {
  1: { name: 'name', type: 'text' },
  2: { name: 'generateName', type: 'text' },
  3: { name: 'namespace', type: 'text' },
  4: { name: 'selfLink', type: 'text' },
  5: { name: 'uid', type: 'text' },
  6: { name: 'resourceVersion', type: 'text' },
  7: { name: 'generation', type: 'number' },
  8: { name: 'creationTimestamp', type: 'time' },
  9: { name: 'deletionTimestamp', type: 'time' },
  10: { name: 'deletionGracePeriodSeconds', type: 'number', optional: true },
  11: { name: 'labels', type: 'text', many: 'map' },
  12: { name: 'annotations', type: 'text', many: 'map' },
  13: { name: 'ownerReferences', type: OWNER_REFERENCE, many: 'list' },
  14: { name: 'finalizers', type: 'text', many: 'list' },
  15: { name: 'clusterName', type: 'text' },
  17: { name: 'managedFields', type: MANAGED_FIELDS, many: 'list' },
};

const METADATA = { name: 'metadata', type: OBJECT_META } as const;

/** An object whose type is not known: its metadata is in field 1, as in all objects that an apiserver stores. */
export const UNKNOWN_OBJECT: MessageType = { 1: METADATA };

const SECRET: MessageType = {
  1: METADATA,
  2: { name: 'data', type: 'bytes', many: 'map' },
  3: { name: 'type', type: 'text' },
  4: { name: 'stringData', type: 'text', many: 'map' },
  5: { name: 'immutable', type: 'truth', optional: true },
};

const CONFIG_MAP: MessageType = {
  1: METADATA,
  2: { name: 'data', type: 'text', many: 'map' },
  3: { name: 'binaryData', type: 'bytes', many: 'map' },
  4: { name: 'immutable', type: 'truth', optional: true },
};

const LEASE: MessageType = {
  1: METADATA,
  2: {
    name: 'spec',
    type: {
      1: { name: 'holderIdentity', type: 'text', optional: true },
      2: { name: 'leaseDurationSeconds', type: 'number', optional: true },
      3: { name: 'acquireTime', type: 'microTime' },
      4: { name: 'renewTime', type: 'microTime' },
      5: { name: 'leaseTransitions', type: 'number', optional: true },
      6: { name: 'strategy', type: 'text', optional: true },
      7: { name: 'preferredHolder', type: 'text', optional: true },
    },
  },
};

/** The bodies that are known, by apiVersion and kind. */
export const OBJECT_TYPES: Readonly<Record<string, MessageType>> = {
  'v1 Secret': SECRET,
  'v1 ConfigMap': CONFIG_MAP,
  'coordination.k8s.io/v1 Lease': LEASE,
};

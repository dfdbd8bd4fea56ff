// The types of protobuf messages whose fields are known by name: the metadata that all objects share, and the bodies of a
// few kinds, with those of their fields that are most looked for. Field numbers are those of Kubernetes' generated.proto
// files; they never change. Each one is proved by an object whose JSON the libraries of Kubernetes have written.

/**
 * What the value of a field is. A `microTime` is written with six digits behind the point. A `quantity` and `json` are
 * messages with text in their field 1; `numberOrText` is a message that has either.
 */
type ScalarType = 'text' | 'bytes' | 'number' | 'truth' | 'time' | 'microTime' | 'json' | 'quantity' | 'numberOrText';

/** The name of a message whose fields stand among those of the message around it in JSON. */
export const INLINE = '';

export interface FieldType {
  readonly name: string;
  readonly type: ScalarType | MessageType;
  /** `list`: the field may be there several times. `map`: so may it, each time with a key in field 1, a value in field 2. */
  readonly many?: 'list' | 'map';
  /** Whether nothing and zero are different; else zero says that nobody has set the field. */
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

const CONTAINER: MessageType = {
  1: { name: 'name', type: 'text' },
  2: { name: 'image', type: 'text' },
  6: { name: 'ports', type: { 3: { name: 'containerPort', type: 'number' } }, many: 'list' },
  10: {
    name: 'livenessProbe',
    type: {
      1: {
        name: INLINE,
        type: {
          2: {
            name: 'httpGet',
            type: { 1: { name: 'path', type: 'text' }, 2: { name: 'port', type: 'numberOrText' } },
          },
        },
      },
    },
  },
};

const POD_SPEC: MessageType = {
  2: { name: 'containers', type: CONTAINER, many: 'list' },
  3: { name: 'restartPolicy', type: 'text' },
  10: { name: 'nodeName', type: 'text' },
};

const POD: MessageType = {
  1: METADATA,
  2: { name: 'spec', type: POD_SPEC },
  3: {
    name: 'status',
    type: {
      1: { name: 'phase', type: 'text' },
      6: { name: 'podIP', type: 'text' },
      7: { name: 'startTime', type: 'time' },
    },
  },
};

/** What Deployments and ReplicaSets have in common. */
const REPLICAS_SPEC: MessageType = {
  1: { name: 'replicas', type: 'number', optional: true },
  2: { name: 'selector', type: { 1: { name: 'matchLabels', type: 'text', many: 'map' } } },
  3: { name: 'template', type: { 1: METADATA, 2: { name: 'spec', type: POD_SPEC } } },
};

const DEPLOYMENT: MessageType = {
  1: METADATA,
  2: { name: 'spec', type: REPLICAS_SPEC },
  3: {
    name: 'status',
    type: {
      1: { name: 'observedGeneration', type: 'number' },
      2: { name: 'replicas', type: 'number' },
      7: { name: 'readyReplicas', type: 'number' },
    },
  },
};

const REPLICA_SET: MessageType = {
  1: METADATA,
  2: { name: 'spec', type: REPLICAS_SPEC },
};

const EVENT: MessageType = {
  1: METADATA,
  2: {
    name: 'involvedObject',
    type: {
      1: { name: 'kind', type: 'text' },
      2: { name: 'namespace', type: 'text' },
      3: { name: 'name', type: 'text' },
      5: { name: 'apiVersion', type: 'text' },
    },
  },
  3: { name: 'reason', type: 'text' },
  4: { name: 'message', type: 'text' },
  5: { name: 'source', type: { 1: { name: 'component', type: 'text' } } },
  6: { name: 'firstTimestamp', type: 'time' },
  7: { name: 'lastTimestamp', type: 'time' },
  8: { name: 'count', type: 'number' },
  9: { name: 'type', type: 'text' },
  14: { name: 'reportingComponent', type: 'text' },
};

const NODE_CONDITION: MessageType = {
  1: { name: 'type', type: 'text' },
  2: { name: 'status', type: 'text' },
  3: { name: 'lastHeartbeatTime', type: 'time' },
  4: { name: 'lastTransitionTime', type: 'time' },
  5: { name: 'reason', type: 'text' },
};

const NODE: MessageType = {
  1: METADATA,
  2: { name: 'spec', type: { 1: { name: 'podCIDR', type: 'text' } } },
  3: {
    name: 'status',
    type: {
      1: { name: 'capacity', type: 'quantity', many: 'map' },
      4: { name: 'conditions', type: NODE_CONDITION, many: 'list' },
      7: {
        name: 'nodeInfo',
        type: { 5: { name: 'osImage', type: 'text' }, 7: { name: 'kubeletVersion', type: 'text' } },
      },
    },
  },
};

const NAMESPACE: MessageType = {
  1: METADATA,
  2: { name: 'spec', type: { 1: { name: 'finalizers', type: 'text', many: 'list' } } },
  3: { name: 'status', type: { 1: { name: 'phase', type: 'text' } } },
};

const ENDPOINTS: MessageType = {
  1: METADATA,
  2: {
    name: 'subsets',
    type: { 1: { name: 'addresses', type: { 1: { name: 'ip', type: 'text' } }, many: 'list' } },
    many: 'list',
  },
};

/** The bodies that are known, by apiVersion and kind. */
export const OBJECT_TYPES: Readonly<Record<string, MessageType>> = {
  'v1 Secret': SECRET,
  'v1 ConfigMap': CONFIG_MAP,
  'coordination.k8s.io/v1 Lease': LEASE,
  'v1 Pod': POD,
  'apps/v1 Deployment': DEPLOYMENT,
  'apps/v1 ReplicaSet': REPLICA_SET,
  'v1 Event': EVENT,
  'v1 Node': NODE,
  'v1 Namespace': NAMESPACE,
  'v1 Endpoints': ENDPOINTS,
};

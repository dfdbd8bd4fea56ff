// Holds the JSON schema of `decoded`, which tells what a value is.

const TEXT = { type: 'string' };
const ENCODING = { enum: ['protobuf', 'json', 'cbor'] };
const HIDDEN = {
  const: true,
  description: 'something is secret, so `value` is left out; --show-secrets shows both',
};

export const MANAGERS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['manager', 'operation', 'apiVersion'],
    properties: {
      manager: TEXT,
      operation: TEXT,
      subresource: { ...TEXT, description: 'absent: the object itself' },
      apiVersion: TEXT,
      time: { ...TEXT, description: 'when what it wrote last changed, RFC 3339' },
    },
  },
};

const form = (name: string, description: string, required: string[], properties: object): object => ({
  description,
  type: 'object',
  required: ['form', ...required],
  properties: { form: { const: name }, ...properties },
});

/** Describes what stands beside `value`, or in its place, with --decode auto. */
export const DECODED_SCHEMA = {
  oneOf: [
    form('object', 'an object of Kubernetes', ['encoding', 'apiVersion', 'kind', 'name', 'labels', 'content'], {
      encoding: ENCODING,
      apiVersion: TEXT,
      kind: TEXT,
      namespace: { ...TEXT, description: 'absent: the object has none' },
      name: TEXT,
      uid: TEXT,
      labels: { type: 'object', additionalProperties: TEXT },
      lastWriters: { ...MANAGERS, description: 'who wrote last; several if they did in one second' },
      managers: { ...MANAGERS, description: 'all who wrote, from managedFields' },
      hidden: HIDDEN,
      content: {
        type: 'object',
        description:
          'all fields, also those that nobody has set; where no name is known, the number of the field is the name',
      },
    }),
    form('document', 'other JSON or CBOR, or bytes that read as protobuf', ['encoding', 'content'], {
      encoding: ENCODING,
      hidden: HIDDEN,
      content: {},
    }),
    form('encrypted', 'an encrypted object', ['provider', 'version', 'keyName'], {
      provider: TEXT,
      version: TEXT,
      keyName: { ...TEXT, description: 'the name of the key' },
    }),
    form('damaged', 'bytes that begin like an object, and cannot be read', ['encoding', 'problem'], {
      encoding: { enum: [...ENCODING.enum, 'encrypted'] },
      problem: TEXT,
      hidden: HIDDEN,
    }),
    form('text', 'text', [], { text: TEXT, hidden: HIDDEN }),
    form('bytes', 'anything else', [], { hidden: HIDDEN }),
  ],
};

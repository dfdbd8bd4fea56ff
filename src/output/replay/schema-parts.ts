// What the JSON schema of the lines of a replay is made of.

/** The version rises with each change that could break a reader of the lines. A new field breaks none. */
export const REPLAY_SCHEMA_VERSION = 1;

export const TIME_US = { type: 'integer', minimum: 0, description: 'virtual time in µs' };
export const CLOCK_TIME = { type: 'string', description: 'with --clock: the same time in RFC 3339, in UTC' };
export const REVISION = { type: 'integer', minimum: 0 };
export const COMPACT_REVISION = { type: 'integer', minimum: -1, description: '-1 before any compaction' };
export const MOMENT = { timeUs: TIME_US, currentRev: REVISION, compactRev: COMPACT_REVISION };
export const COUNT = { type: 'integer', minimum: 0 };
export const NAME = { type: 'string' };
export const BYTES = { type: 'string', contentEncoding: 'base64' };
export const RELEASE = { type: 'string', description: 'the release of etcd that the replay behaves as' };
export const GROUP = { enum: ['synced', 'unsynced', 'victim', 'cancelled'] };

export function object(
  description: string,
  properties: Readonly<Record<string, object>>,
  optional: readonly string[] = [],
) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { description, type: 'object', properties, required };
}

export function line(
  kind: string,
  description: string,
  properties: Readonly<Record<string, object>>,
  optional: readonly string[] = [],
) {
  const time = 'timeUs' in properties ? { time: CLOCK_TIME } : {};
  return object(
    description,
    { schema: { const: REPLAY_SCHEMA_VERSION }, kind: { const: kind }, ...properties, ...time },
    [...optional, 'time'],
  );
}

/** Describes a message of etcd, whose JSON leaves out zero fields. */
export function message(description: string, properties: Readonly<Record<string, object>>) {
  return object(description, properties, Object.keys(properties));
}

// Tells what a value is in one line, which is safe on any terminal.

import { lastWriters, type Manager } from '../../kube/object-meta.js';
import type { ToldValue } from '../../kube/told-value.js';
import type { KubeObject } from '../../kube/value.js';
import { plural } from '../terminal/plural.js';
import { cutBytes, escapeBytes, escapeText } from '../terminal/text.js';

export function toldLine(told: ToldValue, bytes: Buffer, maxBytes = bytes.length): string {
  const { value, hidden } = told;
  if (value.form === 'object') return objectLine(value);
  const size = plural(bytes.length, 'byte');
  if (value.form === 'encrypted') return `${toldSort(told)}, ${size}`;
  const shown = hidden ? `(hidden, ${size}; --show-secrets shows it)` : cutBytes(bytes, maxBytes, escapeBytes);
  if (value.form === 'damaged') return `${toldSort(told)}: ${shown}`;
  if (value.form === 'document' && !hidden && value.encoding !== 'json') {
    return value.encoding === 'cbor' ? `CBOR, ${size}` : `reads as protobuf, ${size}`;
  }
  return shown;
}

/** Returns what a value is that is encrypted or damaged; '' for others. */
export function toldSort({ value }: ToldValue): string {
  if (value.form === 'encrypted') {
    return escapeText(`encrypted by ${value.provider} ${value.version} with the key named ${value.keyName}`);
  }
  return value.form === 'damaged' ? escapeText(`damaged ${value.encoding}, ${value.problem}`) : '';
}

/** Returns who an object is, its uid and labels, and who wrote it last. */
function objectLine(object: KubeObject): string {
  const { meta } = object;
  const place = meta.namespace === '' ? '' : `${meta.namespace}/`;
  const parts = [
    `${object.apiVersion} ${object.kind}${meta.name === '' ? '' : ` ${place}${meta.name}`}`,
    ...(meta.uid === '' ? [] : [`uid ${meta.uid}`]),
    ...(meta.labels.length === 0 ? [] : [`labels ${meta.labels.map(([name, value]) => `${name}=${value}`).join(',')}`]),
    ...writersText(lastWriters(meta)),
  ];
  return escapeText(parts.join(', '));
}

function writersText(writers: readonly Manager[]): string[] {
  if (writers.length === 0) return [];
  return [`last written by ${writers.map(managerName).join(' and ')} at ${writers[0]!.time}`];
}

/** Returns a manager as `kubelet (Update of status)`. */
export function managerName({ manager, operation, subresource }: Manager): string {
  return `${manager} (${operation}${subresource === '' ? '' : ` of ${subresource}`})`;
}

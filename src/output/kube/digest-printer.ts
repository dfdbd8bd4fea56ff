// Prints the digest of a resource as an apiserver logs it.

import { utf8 } from '../../bytes/byte-string.js';
import { quoteGo } from '../../bytes/quote.js';
import type { KubeDigest } from '../../inspect/kube-digest.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { drawTable } from '../formats/table.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes } from '../terminal/text.js';

type Printer = (digest: KubeDigest, style: Style) => string;

const NONE = 'none, as it cannot be listed';

const simple: Printer = ({ prefix, revision, objects, encrypted, etcdDigest = NONE, cacheDigest = NONE }) => {
  const counted = `${plural(objects, 'object')}${encrypted > 0 ? `, ${encrypted} of them encrypted` : ''}`;
  return utf8(
    `${escapeBytes(prefix)} at resourceVersion ${revision}: ${counted}\netcdDigest   ${etcdDigest}\ncacheDigest  ${cacheDigest}\n`,
  );
};

const json: Printer = ({ prefix, revision, ...digest }) =>
  inspectionLine('kubeDigest', { prefix: Buffer.from(prefix, 'latin1'), resourceVersion: revision, ...digest });

const fields: Printer = ({ prefix, revision, objects, encrypted, etcdDigest, cacheDigest }) =>
  `"Prefix" : ${quoteGo(prefix)}\n"ResourceVersion" : ${revision}\n"Objects" : ${objects}\n"Encrypted" : ${encrypted}\n` +
  `"EtcdDigest" : "${etcdDigest ?? ''}"\n"CacheDigest" : "${cacheDigest ?? ''}"\n`;

const table: Printer = ({ prefix, revision, objects, etcdDigest = '', cacheDigest = '' }, { columns }) =>
  drawTable(
    ['prefix', 'resourceVersion', 'objects', 'etcdDigest', 'cacheDigest'],
    [[escapeBytes(prefix), revision, objects, etcdDigest, cacheDigest]],
    { columns },
  );

export const KUBE_DIGEST_PRINTERS: Readonly<Record<string, Printer>> = { simple, json, fields, table };

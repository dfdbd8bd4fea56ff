// Tells what a value is in JSON. src/output/kube/decoded-schema.ts describes it.

import { jsonText } from '../../bytes/unsafe-characters.js';
import { leafText } from '../../kube/fields.js';
import { lastWriters, type Manager } from '../../kube/object-meta.js';
import type { ToldValue } from '../../kube/told-value.js';
import type { Tree } from '../../kube/tree.js';
import { JsonText, toJson } from '../formats/json.js';

/** Returns the object `decoded` that stands beside a value's bytes, or in their place. */
export function toldJson({ value, tree, hidden }: ToldValue): object {
  const mark = hidden ? { hidden } : {};
  switch (value.form) {
    case 'object': {
      const { form, encoding, apiVersion, kind, meta } = value;
      const { name, namespace, uid, labels, managers } = meta;
      return {
        form,
        encoding,
        apiVersion,
        kind,
        namespace: namespace || undefined,
        name,
        uid: uid || undefined,
        labels: new JsonText(`{${labels.map(([label, text]) => `${jsonText(label)}:${jsonText(text)}`).join(',')}}`),
        lastWriters: lastWriters(meta).map(managerJson),
        managers: managers.map(managerJson),
        ...mark,
        content: new JsonText(treeJson(tree)),
      };
    }
    case 'document':
      return { form: value.form, encoding: value.encoding, ...mark, content: new JsonText(treeJson(tree)) };
    case 'text':
      return hidden ? { form: value.form, hidden } : { ...value };
    default:
      return { ...value, ...mark };
  }
}

/** Returns what JSON has of a manager. */
export const managerJson = (writer: Manager): object => ({
  ...writer,
  subresource: writer.subresource || undefined,
  time: writer.time || undefined,
});

const JSON_LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** Returns a tree as JSON: bytes in base64, and in the place of what is hidden a text that says so. */
function treeJson(tree: Tree): string {
  switch (tree.is) {
    case 'map':
      return `{${tree.entries.map(([name, child]) => `${jsonText(name)}:${treeJson(child)}`).join(',')}}`;
    case 'list':
      return `[${tree.items.map(treeJson).join(',')}]`;
    case 'bytes':
      return toJson(tree.bytes);
    case 'hidden':
      return jsonText(leafText(tree));
    case 'literal':
      return JSON_LITERAL.test(tree.text) ? tree.text : jsonText(tree.text);
    default:
      return jsonText(tree.text);
  }
}

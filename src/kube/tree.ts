// A tree is what a value says, whatever it was encoded in: protobuf, JSON or CBOR.

export type Tree = Settable &
  (
    | { readonly is: 'text'; readonly text: string }
    /** A number, a truth value, null or a time, as it is written. */
    | { readonly is: 'literal'; readonly text: string }
    | { readonly is: 'bytes'; readonly bytes: Buffer }
    | TreeMap
    | TreeList
    /** Stands in the place of what is not shown. */
    | { readonly is: 'hidden'; readonly tree: Tree }
  );

interface Settable {
  /** Whether it is what a field of protobuf has that nobody has set; it may have been set to that, too. */
  readonly isDefault?: true;
}

export interface TreeList {
  readonly is: 'list';
  readonly items: readonly Tree[];
}

export interface TreeMap {
  readonly is: 'map';
  /** The entries in the order in which they are stored; a name may be there twice. */
  readonly entries: readonly TreeEntry[];
}

export type TreeEntry = readonly [name: string, tree: Tree];

export const EMPTY_MAP: TreeMap = { is: 'map', entries: [] };

export const literal = (value: number | bigint | boolean): Tree => ({ is: 'literal', text: String(value) });

/** Returns the entry of a map; undefined if there is none, or the tree is no map. */
export function childOf(tree: Tree | undefined, name: string): Tree | undefined {
  if (tree?.is !== 'map') return undefined;
  return tree.entries.find(([of]) => of === name)?.[1];
}

/** Returns the text of an entry; '' if there is none. */
export function textOf(tree: Tree | undefined, name: string): string {
  const child = childOf(tree, name);
  return child?.is === 'text' || child?.is === 'literal' ? child.text : '';
}

export function itemsOf(tree: Tree | undefined, name: string): readonly Tree[] {
  const child = childOf(tree, name);
  return child?.is === 'list' ? child.items : [];
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Returns bytes as text; undefined if they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Returns the bytes between two places as text; undefined if they are not UTF-8. */
export function textBetween(bytes: Buffer, start: number, end: number): string | undefined {
  // Names are ASCII, which is read in a fraction of the time.
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return decodeUtf8(bytes.subarray(start, end));
  return bytes.toString('latin1', start, end);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what text does not have
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** Returns bytes as text; undefined if they are not UTF-8, or hold control characters other than blanks. */
export function printableText(bytes: Uint8Array): string | undefined {
  const text = decodeUtf8(bytes);
  return text === undefined || CONTROLS.test(text) ? undefined : text;
}

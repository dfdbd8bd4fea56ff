// Since when each field of the value of a key has been what it is, and who owns it: a `git blame` of a value. Text has lines
// in place of fields, and any other value is one field.

import { diffLists } from '../../adt/list-diff.js';
import { exactText } from '../../kube/changes.js';
import { ownedFields } from '../../kube/field-owners.js';
import { leafText, MANAGED_FIELDS, shownLeaves } from '../../kube/fields.js';
import type { Manager } from '../../kube/object-meta.js';
import { hasFields, type TellOptions, type ToldValue, tellValue } from '../../kube/told-value.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { RevisionKey } from '../../mvcc/revision.js';
import { type RecordSource, recordsOf } from '../history/key-history.js';
import { KeyLives } from '../history/key-lives.js';

export interface BlamedField {
  /** '' for a value without fields, and the number of a line of text. */
  readonly path: string;
  /** Safe on any terminal for fields; a line of text is as it is. What is secret is not in it. */
  readonly text: string;
  /** The put that set it. */
  readonly since: RevisionKey;
  /** Whether a put before that may have set it: one that is compacted. */
  readonly orBefore: boolean;
  /** Who owns it, by managedFields. */
  readonly owners: readonly Manager[];
}

export interface BlamedValue {
  readonly record: StoredRecord;
  readonly by: Form;
  readonly fields: readonly BlamedField[];
}

type Form = 'fields' | 'lines' | 'whole';

interface Cell {
  readonly path: string;
  readonly text: string;
  /** All that it says, secret or not. */
  readonly exact: string;
}

interface Since {
  readonly since: RevisionKey;
  readonly orBefore: boolean;
}

/** Returns the fields of the value that a key has at a revision; undefined if it has none then. Throws CORRUPT. */
export function fieldBlame(
  source: RecordSource,
  key: string,
  rev: number,
  options: TellOptions,
): BlamedValue | undefined {
  const lives = new KeyLives();
  let ages = new Ages();
  let last: StoredRecord | undefined;
  for (const record of recordsOf(source, { key }, rev)) {
    const { before } = lives.follow(record);
    if (before.is !== 'record') ages = new Ages();
    last = record.tombstone ? undefined : record;
    if (last === undefined) continue;
    ages.follow(tellValue(key, record.keyValue().value, options), {
      since: record,
      orBefore: before.is === 'compacted',
    });
  }
  return last && { record: last, by: ages.form, fields: ages.fields(tellValue(key, last.keyValue().value, options)) };
}

/** Follows the puts of one life of a key. */
class Ages {
  form: Form = 'whole';
  private cells: readonly Cell[] = [];
  private sinces: readonly Since[] = [];

  follow(told: ToldValue, now: Since): void {
    const { form, cells } = cellsOf(told);
    const isNew = form !== this.form;
    const kept = isNew ? [] : form === 'lines' ? this.keptLines(cells) : this.keptFields(cells);
    this.sinces = cells.map((_, place) => kept[place] ?? now);
    this.form = form;
    this.cells = cells;
  }

  private keptFields(cells: readonly Cell[]): (Since | undefined)[] {
    const places = new Map(this.cells.map(({ path }, place) => [path, place]));
    return cells.map(({ path, exact }) => {
      const place = places.get(path);
      return place !== undefined && this.cells[place]!.exact === exact ? this.sinces[place] : undefined;
    });
  }

  private keptLines(cells: readonly Cell[]): (Since | undefined)[] {
    const kept: (Since | undefined)[] = [];
    const texts = (of: readonly Cell[]) => of.map(({ exact }) => exact);
    for (const { is, before, after, count } of diffLists(texts(this.cells), texts(cells))) {
      if (is !== 'kept') continue;
      for (let i = 0; i < count; i++) kept[after + i] = this.sinces[before + i];
    }
    return kept;
  }

  fields({ value, tree }: ToldValue): BlamedField[] {
    const owners = new Map<string, readonly Manager[]>();
    if (value.form === 'object') {
      for (const { part, owners: those } of ownedFields(value, tree)) owners.set(part.path, those);
    }
    return this.cells.map(({ path, text }, place) => ({
      path,
      text,
      ...this.sinces[place]!,
      owners: owners.get(path) ?? [],
    }));
  }
}

function cellsOf(told: ToldValue): { readonly form: Form; readonly cells: readonly Cell[] } {
  const { value, tree, hidden } = told;
  if (hasFields(told)) {
    const leaves = shownLeaves({ path: '', tree }).filter(({ path }) => !path.startsWith(MANAGED_FIELDS));
    return {
      form: 'fields',
      cells: leaves.map((leaf) => ({ path: leaf.path, text: leafText(leaf.tree), exact: exactText(leaf.tree) })),
    };
  }
  if (value.form === 'text' && !hidden) {
    const lines = value.text.replace(/\n$/, '').split('\n');
    return { form: 'lines', cells: lines.map((text, i) => ({ path: String(i + 1), text, exact: text })) };
  }
  const text = tree.is === 'bytes' ? `(${tree.bytes.length} bytes)` : leafText(tree);
  return { form: 'whole', cells: [{ path: '', text, exact: exactText(tree) }] };
}

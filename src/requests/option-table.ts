// A table lists the options of a request. The command of the request and the lines of `txn` and `watch -i` both read their
// options by it, so that they take the same ones.

/** An option without a value. */
export interface Switch {
  readonly help: string;
}

export interface ValueOption<Value> {
  readonly help: string;
  /** The name of the value in the help: `<n>`. */
  readonly value: string;
  /** The words that are allowed as the value, for the help and for completion. */
  readonly choices?: readonly string[];
  /** The option may be given many times. `parse` then returns a list, and the lists are joined. */
  readonly repeats?: true;
  /** Returns the value that a text stands for. Throws USAGE. `name` is the option as people type it. */
  parse(text: string, name: string): Value;
}

type OptionOf<Value> = [Value] extends [boolean] ? Switch : ValueOption<Value>;

/** The options of a request, by the field that each sets. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionOf<NonNullable<Options[Name]>> };

/** A table of any request. */
export type AnyOptionTable = Readonly<Record<string, Switch | ValueOption<unknown>>>;

export function isValueOption(option: Switch | ValueOption<unknown>): option is ValueOption<unknown> {
  return 'parse' in option;
}

/** Returns the value of an option, joined with the earlier ones when the option repeats. */
export function withEarlier({ repeats }: ValueOption<unknown>, value: unknown, earlier: unknown): unknown {
  return repeats && earlier !== undefined ? [...(earlier as unknown[]), ...(value as unknown[])] : value;
}

/** Returns the option of a field as people type it: --prev-kv for prevKv. */
export function flagName(field: string): string {
  return `--${field.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
}

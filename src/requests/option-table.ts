// The options of a request as a table. Both the command line of its command and the lines of `txn` and `watch -i` are
// read by it, so that they take the same options.

/** An option without a value. */
export interface Switch {
  readonly help: string;
}

export interface ValueOption<Value> {
  readonly help: string;
  /** What the help calls the value: `<n>`. */
  readonly value: string;
  /** The words that the value may be, for the help and for completion. */
  readonly choices?: readonly string[];
  /** Each use adds to a list, which `parse` returns with one item. */
  readonly repeats?: true;
  /** Throws USAGE; `name` is the option as it is typed. */
  parse(text: string, name: string): Value;
}

type OptionOf<Value> = [Value] extends [boolean] ? Switch : ValueOption<Value>;

/** The options by their field. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionOf<NonNullable<Options[Name]>> };

/** Any table, to read by. */
export type AnyOptionTable = Readonly<Record<string, Switch | ValueOption<unknown>>>;

export function isValueOption(option: Switch | ValueOption<unknown>): option is ValueOption<unknown> {
  return 'parse' in option;
}

/** Returns what an option comes to that may have been given before. */
export function withEarlier({ repeats }: ValueOption<unknown>, value: unknown, earlier: unknown): unknown {
  return repeats && earlier !== undefined ? [...(earlier as unknown[]), ...(value as unknown[])] : value;
}

/** Returns a field as it is typed: prevKv is --prev-kv. */
export function flagName(field: string): string {
  return `--${field.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
}

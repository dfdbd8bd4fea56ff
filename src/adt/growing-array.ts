// Columns of numbers that grow, for tables with millions of rows: a number takes the bytes of its kind and no more.

type Numbers = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Returns the column itself, or a copy with half as much room again if it has no room for `length` numbers. */
export function withRoom<Column extends Numbers>(column: Column, length: number): Column {
  if (length <= column.length) return column;
  const Kind = column.constructor as new (length: number) => Column;
  const grown = new Kind(Math.max(length, Math.ceil(column.length * 1.5)));
  grown.set(column);
  return grown;
}

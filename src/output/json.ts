// JSON as etcd's tools print it: compact, bytes in base64, 64-bit integers as digits.

/** What JSON.stringify makes of a value, but a bigint becomes its digits, and a Buffer its base64. */
export function toJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Buffer.isBuffer(value)) return `"${value.toString('base64')}"`;
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields: string[] = [];
    for (const [name, field] of Object.entries(value)) {
      if (field !== undefined) fields.push(`${JSON.stringify(name)}:${toJson(field)}`);
    }
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** A latin-1 string of bytes as base64. */
export function base64(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('base64');
}

// This module damages logs: as disks, copies and people do.

import type { PlacedRecord, Segment } from './write-log.js';

/** Returns a whole number from 0 up to, but not including, `below`. */
type Draw = (below: number) => number;

interface DamagedLog {
  readonly segments: readonly Segment[];
  /** What was done, and where. */
  readonly what: string;
  /** Whether what is left looks like a log that nobody has damaged, only shorter. */
  readonly isClean: boolean;
}

const SECTOR_BYTES = 512;
const ZERO_SECTORS = 4;

interface Target {
  readonly segments: readonly Segment[];
  readonly records: readonly PlacedRecord[];
  readonly draw: Draw;
}

type Damage = (target: Target) => DamagedLog;

function replaced({ segments }: Target, place: number, bytes: Buffer): readonly Segment[] {
  return segments.map((segment, i) => (i === place ? { ...segment, bytes } : segment));
}

function changed(target: Target, place: number, change: (bytes: Buffer) => void): readonly Segment[] {
  const bytes = Buffer.from(target.segments[place]!.bytes);
  change(bytes);
  return replaced(target, place, bytes);
}

function spliced(target: Target, place: number, from: number, to: number, by: Buffer): readonly Segment[] {
  const { bytes } = target.segments[place]!;
  return replaced(target, place, Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]));
}

/** Tells whether a log that ends at this byte ends with a whole record. */
function endsWhole({ records, segments }: Target, place: number, byte: number): boolean {
  if (place < segments.length - 1) return false;
  const own = records.filter(({ segment }) => segment === place);
  return own.some(({ end }) => end === byte) || byte >= own.at(-1)!.end;
}

/** The same, for a log that is zero from this byte on: the last record may end with zeros. */
function endsWholeInZeros(target: Target, place: number, byte: number): boolean {
  const { bytes } = target.segments[place]!;
  const { end = byte } =
    target.records.find((one) => one.segment === place && one.start < byte && one.end > byte) ?? {};
  return endsWhole(target, place, end) && bytes.subarray(byte, end).every((one) => one === 0);
}

const flip: Damage = (target) => {
  const { records, draw } = target;
  const { segment, start, end } = records[draw(records.length)]!;
  const [byte, bit] = [start + draw(end - start), draw(8)];
  const segments = changed(target, segment, (bytes) => {
    bytes[byte]! ^= 1 << bit;
  });
  return { segments, what: `bit ${bit} of byte ${byte} of segment ${segment} is flipped`, isClean: false };
};

/** The bytes that say what a record is are in no checksum. */
const flipInHead: Damage = (target) => {
  const { records, draw } = target;
  const { segment, start } = records[draw(records.length)]!;
  const [byte, bit] = [start + draw(12), draw(8)];
  const segments = changed(target, segment, (bytes) => {
    bytes[byte]! ^= 1 << bit;
  });
  return { segments, what: `bit ${bit} of byte ${byte} of segment ${segment} is flipped`, isClean: false };
};

const flipBehind: Damage = (target) => {
  const { segments, records, draw } = target;
  const place = segments.length - 1;
  const { end } = records.at(-1)!;
  const slack = segments[place]!.bytes.length - end;
  if (slack === 0) return flip(target);
  const byte = end + draw(slack);
  const damaged = changed(target, place, (bytes) => {
    bytes[byte]! ^= 1 << draw(8);
  });
  return { segments: damaged, what: `byte ${byte} behind all records is changed`, isClean: true };
};

const cut: Damage = (target) => {
  const { segments, draw } = target;
  const place = draw(segments.length);
  const { bytes } = segments[place]!;
  const size = draw(bytes.length + 1);
  const isClean = endsWhole(target, place, size);
  const damaged = replaced(target, place, bytes.subarray(0, size));
  return { segments: damaged, what: `segment ${place} is cut to ${size} bytes`, isClean };
};

const zeroTail: Damage = (target) => {
  const { segments, records, draw } = target;
  const place = draw(segments.length);
  const own = records.filter(({ segment }) => segment === place);
  const byte = draw(own.at(-1)!.end);
  const damaged = changed(target, place, (bytes) => bytes.fill(0, byte));
  const isClean = endsWholeInZeros(target, place, byte);
  return { segments: damaged, what: `segment ${place} is zero from byte ${byte} on`, isClean };
};

const zeroSectors: Damage = (target) => {
  const { segments, draw } = target;
  const place = draw(segments.length);
  const sectors = Math.ceil(segments[place]!.bytes.length / SECTOR_BYTES);
  const [from, count] = [draw(sectors) * SECTOR_BYTES, 1 + draw(ZERO_SECTORS)];
  const damaged = changed(target, place, (bytes) =>
    bytes.fill(0, from, Math.min(from + count * SECTOR_BYTES, bytes.length)),
  );
  // Where a record ends with a sector, the sectors behind it may be all of the log.
  const isClean = endsWholeInZeros(target, place, from) || sameBytes(target, damaged, place);
  return { segments: damaged, what: `${count} sectors of segment ${place} from byte ${from} on are zero`, isClean };
};

const noise: Damage = (target) => {
  const { records, draw } = target;
  const { segment, start, end } = records[draw(records.length)]!;
  const from = start + draw(end - start);
  const count = 1 + draw(64);
  const damaged = changed(target, segment, (bytes) => {
    for (let byte = from; byte < Math.min(from + count, bytes.length); byte++) bytes[byte] = draw(256);
  });
  const isClean = sameBytes(target, damaged, segment);
  return { segments: damaged, what: `${count} bytes of segment ${segment} from ${from} on are noise`, isClean };
};

function sameBytes({ segments }: Target, damaged: readonly Segment[], place: number): boolean {
  return damaged[place]!.bytes.equals(segments[place]!.bytes);
}

const missingSegment: Damage = (target) => {
  const { segments, draw } = target;
  const place = draw(segments.length);
  // The first ones are purged by servers, and nothing says that there were more behind the last.
  const isClean = place === 0 || place === segments.length - 1;
  return { segments: segments.filter((_, i) => i !== place), what: `segment ${place} is missing`, isClean };
};

const copiedSegment: Damage = (target) => {
  const { segments, draw } = target;
  const [from, to] = [draw(segments.length), draw(segments.length)];
  const damaged = replaced(target, to, segments[from]!.bytes);
  return { segments: damaged, what: `segment ${to} is a copy of ${from}`, isClean: from === to };
};

const repeatedSegment: Damage = (target) => {
  const { segments } = target;
  const { bytes } = segments.at(-1)!;
  const number = (value: number) => value.toString(16).padStart(16, '0');
  const name = `${number(Number.parseInt(segments.at(-1)!.name, 16) + 1)}-${number(1)}.wal`;
  return { segments: [...segments, { name, bytes }], what: 'the last segment is there twice', isClean: false };
};

const swappedSegments: Damage = (target) => {
  const { segments, draw } = target;
  const [one, other] = [draw(segments.length), draw(segments.length)];
  const damaged = segments.map((segment, place) => ({
    ...segment,
    bytes: segments[place === one ? other : place === other ? one : place]!.bytes,
  }));
  return { segments: damaged, what: `segments ${one} and ${other} are swapped`, isClean: one === other };
};

const missingRecord: Damage = (target) => {
  const { records, draw } = target;
  const place = draw(records.length);
  const { segment, start, end } = records[place]!;
  const damaged = spliced(target, segment, start, end, Buffer.alloc(0));
  return { segments: damaged, what: `record ${place} is missing`, isClean: place === records.length - 1 };
};

const repeatedRecord: Damage = (target) => {
  const { records, segments, draw } = target;
  const place = draw(records.length);
  const { segment, start, end } = records[place]!;
  const damaged = spliced(target, segment, end, end, segments[segment]!.bytes.subarray(start, end));
  // The record of a checksum may come twice: it changes none.
  const isClean = records[place]!.data === undefined;
  return { segments: damaged, what: `record ${place} is there twice`, isClean };
};

const swappedRecords: Damage = (target) => {
  const { records, segments, draw } = target;
  const place = draw(records.length - 1);
  const [one, other] = [records[place]!, records[place + 1]!];
  if (one.segment !== other.segment) return swappedRecords(target);
  const { bytes } = segments[one.segment]!;
  const swapped = Buffer.concat([bytes.subarray(other.start, other.end), bytes.subarray(one.start, one.end)]);
  const damaged = spliced(target, one.segment, one.start, other.end, swapped);
  return { segments: damaged, what: `records ${place} and ${place + 1} are swapped`, isClean: false };
};

export const LOG_DAMAGES: Readonly<Record<string, Damage>> = {
  flip,
  flipInHead,
  flipBehind,
  cut,
  zeroTail,
  zeroSectors,
  noise,
  missingSegment,
  copiedSegment,
  repeatedSegment,
  swappedSegments,
  missingRecord,
  repeatedRecord,
  swappedRecords,
};

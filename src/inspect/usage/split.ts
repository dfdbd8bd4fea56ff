// A Split says what records come to, apart by what becomes of them: the newest put of a key that is there is live;
// a put that another put or a deletion followed is old; a deletion is a tombstone. Bytes are those of records as they
// are stored: the revision key of 17 or 18 bytes, and the key-value record with key and value in it.

export interface Split {
  /** The number of keys that have any record. */
  keys: number;
  /** The number of keys that are there now. */
  liveKeys: number;
  liveRecords: number;
  liveBytes: number;
  oldRecords: number;
  oldBytes: number;
  tombstones: number;
  tombstoneBytes: number;
}

export function newSplit(): Split {
  return {
    keys: 0,
    liveKeys: 0,
    liveRecords: 0,
    liveBytes: 0,
    oldRecords: 0,
    oldBytes: 0,
    tombstones: 0,
    tombstoneBytes: 0,
  };
}

export function recordsIn({ liveRecords, oldRecords, tombstones }: Split): number {
  return liveRecords + oldRecords + tombstones;
}

export function bytesIn({ liveBytes, oldBytes, tombstoneBytes }: Split): number {
  return liveBytes + oldBytes + tombstoneBytes;
}

// A sync pass costs a machine time: etcd reads every revision from the lowest one that a watcher needs up to the
// newest, and matches every event against the watchers that the pass looks at, though a response takes only part of
// them.
//
// `measured` was fitted to catch-ups of etcd 3.5.30. The rest of their time is the 100 ms between passes:
//
//   revisions  watchers                               read   matched  passes  virtual     real
//   10^5       1 of everything                     5.05 M    5.05 M     100   17.6 s   15.7 s
//   10^6       100, each on its own hundredth       5.5 M     5.5 M      10    9.3 s     10 s
//   10^6       1,000, ten on each hundredth          11 M      55 M      20   24.0 s     25 s

export interface PassCost {
  /** The µs for each revision that is read. */
  readonly revisionUs: number;
  /** The µs for each event that matches a watcher. */
  readonly eventUs: number;
}

export const PASS_COSTS: Readonly<Record<string, PassCost>> = {
  /** An ideal machine takes no time. */
  none: { revisionUs: 0, eventUs: 0 },
  measured: { revisionUs: 1.4, eventUs: 0.12 },
};

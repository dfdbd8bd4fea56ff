// The bounds of what a scenario and a step scenario may ask for. Each is checked before the memory or the time is spent,
// and the help topics state them.

/** The largest scenario file. Parsing takes up to a kilobyte of memory for each word and mark of it. */
export const MAX_SCENARIO_BYTES = 2 * 1024 * 1024;
/** The most words and marks of a scenario, such as brackets, blanks and names. */
export const MAX_SCENARIO_PARTS = 1_500_000;
/** The deepest nesting of lists and maps. The parser of YAML goes down by recursion. */
export const MAX_SCENARIO_DEPTH = 50;
/** The largest file of steps. All steps, and the store that they make, are held in memory. */
export const MAX_STEPS_BYTES = 16 * 1024 * 1024;
/** The most puts and deletes that a scenario writes, and the most bytes of their keys and values. */
export const MAX_CHANGES = 1_000_000;
export const MAX_WRITTEN_BYTES = 256 * 1024 * 1024;
/** The most records of a history whose store may go back. Two stores hold them, at a kilobyte for each record. */
export const MAX_GOING_BACK_RECORDS = 100_000;
/** The most runs of the server's loops, one after the other, in which nothing changes. They take some seconds. */
export const MAX_IDLE_RUNS = 2_000_000;
/** The most progress notifications that watchers ask for in the time of a replay. */
export const MAX_NOTIFICATIONS = 10_000_000;
/** The most watchers of a replay: each takes some 17 kB. */
export const MAX_WATCHERS = 25_000;
/** The most clients of watch caches, in all: each takes some 3 kB. */
export const MAX_CACHE_CLIENTS = 250_000;

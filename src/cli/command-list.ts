// The list of commands. The file of a command is loaded when the command line names it: loading all of them, with their
// libraries, takes longer than most runs do.

import type { Command } from 'commander';
import type { Context } from '../commands/context.js';

/** Gives a command its arguments, options, help and action. */
type DefineCommand = (command: Command, context: Context) => void;

export interface CommandEntry {
  readonly name: string;
  readonly alias?: string;
  readonly description: string;
  load(): Promise<DefineCommand>;
}

export const COMMANDS: readonly (readonly [group: string, commands: readonly CommandEntry[]])[] = [
  [
    'Replay of watches:',
    [
      {
        name: 'replay',
        description: 'replay etcd’s watch catch-up: which events each watcher receives, when, and in which batches',
        load: async () => (await import('../commands/replay.js')).defineReplay,
      },
      {
        name: 'case',
        description: 'replay a well-known defect of etcd’s watches',
        load: async () => (await import('../commands/case.js')).defineCase,
      },
      {
        name: 'explore',
        description: 'run variations of a scenario until one breaks a guarantee, and make it small',
        load: async () => (await import('../commands/explore.js')).defineExplore,
      },
      {
        name: 'verify',
        description: 'check a recorded watch against the database: what was lost, repeated, out of order',
        load: async () => (await import('../commands/verify.js')).defineVerify,
      },
      {
        name: 'steps',
        description: 'run single operations, sync passes among them, on a store of their own, and print each answer',
        load: async () => (await import('../commands/steps.js')).defineSteps,
      },
      {
        name: 'tree',
        description: 'draw the interval tree of the watch ranges, or say which watchers a key reaches',
        load: async () => (await import('../commands/tree.js')).defineTree,
      },
      {
        name: 'watcher',
        description: 'register watch ranges in the database: add, list, remove',
        load: async () => (await import('../commands/watcher.js')).defineWatcher,
      },
    ],
  ],
  [
    'Look into a database or an etcd file:',
    [
      {
        name: 'status',
        description: 'print what the database is and what it holds: window, compactions, counts, sizes',
        load: async () => (await import('../commands/status.js')).defineStatus,
      },
      {
        name: 'usage',
        description:
          'print who took the room: bytes by prefix, large values, busy keys, pages, and what compacting frees',
        load: async () => (await import('../commands/usage.js')).defineUsage,
      },
      {
        name: 'check',
        description: 'check that a database or an etcd file is sound, and print all that is wrong; --repair mends it',
        load: async () => (await import('../commands/check.js')).defineCheck,
      },
      {
        name: 'history',
        description: 'print all retained revisions of a key or of many, and what each has changed',
        load: async () => (await import('../commands/history.js')).defineHistory,
      },
      {
        name: 'undelete',
        description: 'print a transaction that brings deleted keys back, or run it',
        load: async () => (await import('../commands/undelete.js')).defineUndelete,
      },
      {
        name: 'diff',
        description: 'print what differs between two databases or members, or between two revisions of one',
        load: async () => (await import('../commands/diff.js')).defineDiff,
      },
      {
        name: 'hash',
        description: 'print hashKV, by which etcd compares its members',
        load: async () => (await import('../commands/hash.js')).defineHash,
      },
    ],
  ],
  [
    'Who did what, and when:',
    [
      {
        name: 'blame',
        description: 'print who wrote each revision of a key or of many: user, member, request, and manager',
        load: async () => (await import('../commands/blame.js')).defineBlame,
      },
      {
        name: 'wal',
        description: "print the entries of a server's write-ahead log",
        load: async () => (await import('../commands/wal.js')).defineWal,
      },
      {
        name: 'when',
        description:
          'print when a revision was committed, or which one was the newest at a time, and how exact that is',
        load: async () => (await import('../commands/when.js')).defineWhen,
      },
    ],
  ],
  [
    'From one file to another:',
    [
      {
        name: 'import',
        description: 'import an etcd snapshot, database file or data directory',
        load: async () => (await import('../commands/import.js')).defineImport,
      },
      {
        name: 'export',
        description: 'write the database, or its keys as of a revision, as a snapshot that etcd restores',
        load: async () => (await import('../commands/export.js')).defineExport,
      },
      {
        name: 'dump',
        description: 'print all of a database as lines of JSON: records, leases, registered watchers',
        load: async () => (await import('../commands/dump.js')).defineDump,
      },
      {
        name: 'load',
        description: 'make a database from what dump has printed',
        load: async () => (await import('../commands/load.js')).defineLoad,
      },
      {
        name: 'salvage',
        description: 'make a database of what is left of a damaged etcd file, and say what is lost',
        load: async () => (await import('../commands/salvage.js')).defineSalvage,
      },
    ],
  ],
  [
    'Keys, as in etcdctl:',
    [
      {
        name: 'put',
        description: 'store a value under a key',
        load: async () => (await import('../commands/put.js')).definePut,
      },
      {
        name: 'get',
        description: 'read one key, [KEY, RANGE_END), a prefix, or from a key on',
        load: async () => (await import('../commands/get.js')).defineGet,
      },
      {
        name: 'del',
        description: 'delete one key, [KEY, RANGE_END), a prefix, or from a key on',
        load: async () => (await import('../commands/del.js')).defineDel,
      },
      {
        name: 'txn',
        description: 'run requests as one revision, if conditions hold',
        load: async () => (await import('../commands/txn.js')).defineTxn,
      },
      {
        name: 'watch',
        description: 'print changes of a key, [KEY, RANGE_END), a prefix, or from a key on, as they are committed',
        load: async () => (await import('../commands/watch.js')).defineWatch,
      },
      {
        name: 'lease',
        description: 'leases: grant, revoke, timetolive, keep-alive, list',
        load: async () => (await import('../commands/lease.js')).defineLease,
      },
    ],
  ],
  [
    'Maintenance:',
    [
      {
        name: 'compact',
        alias: 'compaction',
        description: 'forget the history below a revision',
        load: async () => (await import('../commands/compact.js')).defineCompact,
      },
      {
        name: 'defrag',
        description: 'give the free pages of the database back to the disk',
        load: async () => (await import('../commands/defrag.js')).defineDefrag,
      },
    ],
  ],
  [
    'Other commands:',
    [
      {
        name: 'schema',
        description: 'print a JSON schema: of scenario files, or of what replay or the inspection commands print',
        load: async () => (await import('../commands/schema.js')).defineSchema,
      },
      {
        name: 'completion',
        description: 'print a script that completes this command line in a shell',
        load: async () => (await import('../commands/completion.js')).defineCompletion,
      },
      {
        name: 'version',
        description: 'print the version',
        load: async () => (await import('../commands/version.js')).defineVersion,
      },
      {
        name: 'help',
        description: 'print the help of a topic or of a command',
        load: async () => (await import('../commands/help.js')).defineHelp,
      },
    ],
  ],
];

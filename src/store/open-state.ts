// What is done with an open state, whichever back end it is in: begun, read back, written to.

import { randomUUID } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import { deleteAttacks, readAttacks, saveAttacks } from './attacks.ts'
import { adoptOldAudit, appendAudit, readAudit } from './audit.ts'
import { readHeadFile, writeHeadFile } from './audit-head.ts'
import type { Clocks } from './ban-age.ts'
import type { Change, Kept } from './change.ts'
import type { Dialect } from './dialect.ts'
import { readDocuments, saveDocuments } from './documents.ts'
import { saveEvents } from './events.ts'
import { readLearned, saveClock, saveLearned } from './learned.ts'
import { deleteHours, readHours, saveHours } from './limit-samples.ts'
import { readMark, setMark } from './marks.ts'
import { MIGRATIONS, type Migrated, type Migration, migrate } from './migrate.ts'
import { deleteMitigations, readMitigations, saveMitigations } from './mitigations.ts'
import { savePastAttacks, savePastMitigations } from './past.ts'
import { setAside, type UnreadableRow } from './set-aside.ts'
import type { Tables } from './tables.ts'
import { saveTrafficDays } from './traffic-days.ts'
import { saveTrafficTens } from './traffic-tens.ts'

export interface OpenState {
  readonly dialect: Dialect
  readonly queries: Kysely<Tables>
  /** All of it or nothing, on the disk when it settles. */
  write(changes: readonly Change[]): Promise<void>
  close(): Promise<void>
}

/** A newer version wrote the state and this one must leave it alone. */
export class TooNewError extends Error {}

export interface StateSettings {
  readonly directory: string
  readonly clocks: () => Clocks
  readonly run?: string
}

export interface Begin extends StateSettings {
  readonly migrations?: readonly Migration[]
  /** Throws when the state is broken. */
  readonly check: () => void
  readonly tooNew: (versions: Extract<Migrated, { kind: 'too-new' }>) => TooNewError
}

/** Brings the state to this version, checks it and reads it back. */
export async function beginState(queries: Kysely<Tables>, dialect: Dialect, begin: Begin) {
  const { clocks, migrations = MIGRATIONS, directory } = begin
  const now = clocks()
  const migrated = await migrate(queries, now.wallMs, migrations, dialect)
  if (migrated.kind === 'too-new') throw begin.tooNew(migrated)
  begin.check()
  await queries.transaction().execute(async transaction => {
    await beginChain(transaction, directory, dialect, now.wallMs)
    await adoptOldAudit(transaction, now.wallMs)
  })
  const { learned, lastAlive } = await readLearned(queries)
  const { attacks, unreadable } = await readAttacks(queries, now, lastAlive)
  const { mitigations, unreadable: others } = await readMitigations(queries)
  const audit = await readAudit(queries)
  const hours = await readHours(queries)
  const documents = await readDocuments(queries)
  const all: UnreadableRow[] = [...unreadable, ...others]
  // A full disk must not keep us from reading what we can.
  await setAside(queries, all, now.wallMs).catch(() => {})
  const kept: Kept = { attacks, mitigations, audit, learned, hours, documents }
  return { kept, unreadable: all }
}

/** A new state gets a name, and its chain goes on where the one that was here before ended, as far as that is known. */
async function beginChain(
  transaction: Transaction<Tables>,
  directory: string,
  dialect: Dialect,
  wallMs: number,
): Promise<void> {
  if ((await readMark(transaction, 'identity')) !== undefined) return
  await setMark(transaction, 'identity', { sequence: 0, hash: randomUUID(), at: wallMs })
  const before = readHeadFile(directory, dialect.kind)
  if (before === undefined) return
  await setMark(transaction, 'checkpoint', { ...before, at: wallMs })
  await setMark(transaction, 'head', { ...before, at: wallMs })
}

/** Which state this is: another one after it was replaced. */
export const identityOf = async (queries: Kysely<Tables>): Promise<string | undefined> =>
  (await readMark(queries, 'identity'))?.hash

/** Throws what the back end throws; then nothing is there, or a lost connection keeps the answer. */
export async function writeState(
  queries: Kysely<Tables>,
  dialect: Dialect,
  changes: readonly Change[],
  { clocks, run = '', directory }: StateSettings,
): Promise<void> {
  const now = clocks()
  const head = await queries.transaction().execute(async transaction => {
    await deleteMitigations(transaction, idsOf(changes, 'mitigation-gone'))
    await deleteAttacks(transaction, idsOf(changes, 'attack-gone'))
    await saveAttacks(transaction, ofKind(changes, 'attack'), now.boot)
    await saveMitigations(
      transaction,
      ofKind(changes, 'mitigation').map(({ mitigation }) => mitigation),
    )
    const head = await appendAudit(transaction, ofKind(changes, 'audit'), { run, wallMs: now.wallMs })
    await saveEvents(
      transaction,
      ofKind(changes, 'event').map(({ event }) => event),
    )
    await savePastAttacks(
      transaction,
      ofKind(changes, 'past-attack').map(({ attack }) => attack),
    )
    await savePastMitigations(
      transaction,
      ofKind(changes, 'past-mitigation').map(({ mitigation }) => mitigation),
    )
    await saveLearned(transaction, ofKind(changes, 'learned'))
    await saveDocuments(transaction, ofKind(changes, 'document'))
    await deleteHours(transaction, ofKind(changes, 'hour-gone'))
    await saveHours(transaction, ofKind(changes, 'hour'))
    await saveTrafficDays(transaction, ofKind(changes, 'traffic-day'))
    await saveTrafficTens(transaction, ofKind(changes, 'traffic-tens'))
    await saveClock(transaction, now)
    return head
  })
  if (head !== undefined) writeHeadFile(directory, dialect.kind, head)
}

type Named = Extract<Change, { readonly id: string }>['kind']

const idsOf = (changes: readonly Change[], kind: Named): string[] =>
  changes.flatMap(change => (change.kind === kind ? [change.id] : []))

const ofKind = <Kind extends Change['kind']>(changes: readonly Change[], kind: Kind) =>
  changes.filter((change): change is Extract<Change, { kind: Kind }> => change.kind === kind)

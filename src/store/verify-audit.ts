// Whether the audit is what was written: walks its chain from the checkpoint to the head, page by page, so that writes go
// on meanwhile.

import type { Kysely } from 'kysely'
import { flawOf, GENESIS, type Link } from './audit-chain.ts'
import { type Mark, readMark } from './marks.ts'
import type { ChainRow, Tables } from './tables.ts'

const PAGE = 1000

export interface Intact {
  readonly kind: 'intact'
  readonly entries: number
  /** The oldest and the newest entry; missing when there is none. */
  readonly first?: Pick<ChainRow, 'sequence' | 'at'> | undefined
  readonly last?: Pick<ChainRow, 'sequence' | 'at'> | undefined
  /** Where retention, or a state that was begun anew, left off: entries up to it are no longer here. */
  readonly checkpoint?: Mark | undefined
  /** False: no file beside the state says which the newest entry is. */
  readonly hasHeadFile: boolean
}

export type AuditVerdict =
  | Intact
  /** `sequence`: the first entry that is not as it was written, or the first that is missing. */
  | { readonly kind: 'broken'; readonly sequence: number; readonly problem: string }

/** `headFile`: what the file beside the state says. Nothing may be pruned meanwhile. */
export async function verifyAudit(
  database: Kysely<Tables>,
  headFile: Link | undefined,
): Promise<AuditVerdict> {
  const checkpoint = await readMark(database, 'checkpoint')
  const walk = new Walk(checkpoint ?? GENESIS, headFile)
  const stray = await strayEntry(database, checkpoint?.sequence ?? 0)
  if (stray !== undefined)
    return broken(stray, `entry ${stray} stands before the checkpoint, where nothing is left`)
  for (;;) {
    const rows = await pageAfter(database, walk.at.sequence)
    for (const row of rows) {
      const flaw = walk.step(row)
      if (flaw !== undefined) return broken(Math.min(row.sequence, walk.at.sequence + 1), flaw)
    }
    if (rows.length > 0) continue
    const head = await readMark(database, 'head')
    // Written between the page and the mark: there is more to walk.
    if ((head?.sequence ?? 0) > walk.at.sequence && (await hasAfter(database, walk.at.sequence))) continue
    const flaw = walk.endsAt(head)
    if (flaw !== undefined) return broken(walk.at.sequence + 1, flaw)
    return walk.intact(checkpoint, headFile !== undefined)
  }
}

class Walk {
  at: Link
  readonly #headFile: Link | undefined
  #entries = 0
  #first: ChainRow | undefined
  #last: ChainRow | undefined

  constructor(from: Link, headFile: Link | undefined) {
    this.at = from
    this.#headFile = headFile
  }

  step(row: ChainRow): string | undefined {
    const flaw = flawOf(this.at, row)
    if (flaw !== undefined) return flaw
    if (row.sequence === this.#headFile?.sequence && row.hash !== this.#headFile.hash)
      return `entry ${row.sequence} is another than the file beside the state knows`
    this.at = row
    this.#entries++
    this.#first ??= row
    this.#last = row
    return undefined
  }

  endsAt(head: Link | undefined): string | undefined {
    const next = this.at.sequence + 1
    if (head === undefined)
      return this.at.sequence === 0 ? this.#cut(next) : 'the mark of the newest entry is missing'
    if (head.sequence > this.at.sequence)
      return `the end is cut off: entry ${next} is missing, and entry ${head.sequence} was the newest`
    if (head.sequence < this.at.sequence || head.hash !== this.at.hash)
      return `the mark of the newest entry is for another chain (entry ${head.sequence})`
    return this.#cut(next)
  }

  #cut(next: number): string | undefined {
    const known = this.#headFile?.sequence ?? 0
    return known <= this.at.sequence
      ? undefined
      : `the end is cut off: entry ${next} is missing, and the file beside the state knows entry ${known}`
  }

  intact(checkpoint: Mark | undefined, hasHeadFile: boolean): Intact {
    const [first, last] = [this.#first, this.#last].map(row => row && { sequence: row.sequence, at: row.at })
    return { kind: 'intact', entries: this.#entries, first, last, checkpoint, hasHeadFile }
  }
}

const broken = (sequence: number, problem: string): AuditVerdict => ({ kind: 'broken', sequence, problem })

async function strayEntry(database: Kysely<Tables>, checkpoint: number): Promise<number | undefined> {
  const row = await database
    .selectFrom('audit_chain')
    .select('sequence')
    .where('sequence', '<=', checkpoint)
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst()
  return row?.sequence
}

const pageAfter = (database: Kysely<Tables>, sequence: number): Promise<ChainRow[]> =>
  database
    .selectFrom('audit_chain')
    .selectAll()
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .limit(PAGE)
    .execute()

const hasAfter = async (database: Kysely<Tables>, sequence: number): Promise<boolean> =>
  (await pageAfter(database, sequence)).length > 0

// Rows that cannot be read are moved out of the way, so that one of them never costs the others.

import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Tables } from './tables.ts'

/** Rows that are kept for whoever wants to know; older ones are deleted. */
const SET_ASIDE_MAX = 1000
const PROBLEM_CHARACTERS = 300

export const SET_ASIDE_TABLES = ['attacks', 'mitigations', 'learned'] as const

export interface UnreadableRow {
  readonly aggregate: (typeof SET_ASIDE_TABLES)[number]
  readonly id: string
  readonly body: string
  readonly problem: string
}

export type Read<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'unreadable'; readonly problem: string }

/** JSON that must be of this schema. */
export function readBody<Value>(body: string, schema: z.ZodType<Value>): Read<Value> {
  try {
    const parsed = schema.safeParse(JSON.parse(body))
    if (parsed.success) return { kind: 'read', value: parsed.data }
    return { kind: 'unreadable', problem: z.prettifyError(parsed.error).slice(0, PROBLEM_CHARACTERS) }
  } catch (error) {
    return { kind: 'unreadable', problem: String(error).slice(0, PROBLEM_CHARACTERS) }
  }
}

/** Moves the rows to the table `set_aside`; those that cannot be moved stay where they are and are seen again. */
export async function setAside(
  database: Kysely<Tables>,
  rows: readonly UnreadableRow[],
  now: number,
): Promise<void> {
  if (rows.length === 0) return
  await database.transaction().execute(async transaction => {
    for (const row of rows) {
      await transaction
        .insertInto('set_aside')
        .values({ ...row, at: now })
        .execute()
      if (row.aggregate === 'learned')
        await transaction.deleteFrom('learned').where('key', '=', row.id).execute()
      else await transaction.deleteFrom(row.aggregate).where('id', '=', row.id).execute()
    }
    const { newest } = await transaction
      .selectFrom('set_aside')
      .select(({ fn }) => fn.max('number').as('newest'))
      .executeTakeFirstOrThrow()
    await transaction
      .deleteFrom('set_aside')
      .where('number', '<=', newest - SET_ASIDE_MAX)
      .execute()
  })
}

export interface SetAsideRow {
  readonly table: UnreadableRow['aggregate']
  /** One sentence, for the log. */
  readonly text: string
}

/** What is told of a row: not what is in it. */
export const setAsideRow = ({ aggregate, id, problem }: UnreadableRow): SetAsideRow => ({
  table: aggregate,
  text: `${aggregate} ${id}: ${problem.replaceAll('\n', ' ')}`,
})

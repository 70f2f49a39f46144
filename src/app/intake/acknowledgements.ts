// Who noted that he has seen an attack: so that nobody else need look into it.

import { z } from 'zod'
import type { Actor } from '#7-mitigation/audit.ts'
import type { Documents } from '#lib/documents.ts'

/** Kind of the documents, one for each attack by its id. */
export const ACKNOWLEDGED = 'acknowledged'

const noteSchema = z.object({ at: z.number(), by: z.string() })
export type Note = z.infer<typeof noteSchema>

export const readNote = (value: unknown): Note | undefined => noteSchema.safeParse(value).data

/** Notes that are kept; of more the oldest go. */
const NOTES_MAX = 20_000

/** The first who notes it is remembered. Gives the note, and whether it is new. */
export async function acknowledge(
  documents: Documents,
  attackId: string,
  by: Actor | string,
  now: number,
): Promise<{ readonly note: Note; readonly isNew: boolean }> {
  const all = documents.all(ACKNOWLEDGED)
  const before = readNote(all.get(attackId))
  if (before !== undefined) return { note: before, isNew: false }
  const [oldest] = all.keys()
  if (all.size >= NOTES_MAX && oldest !== undefined) void documents.drop(ACKNOWLEDGED, oldest)
  const note = { at: now, by }
  await documents.put(ACKNOWLEDGED, attackId, note)
  return { note, isNew: true }
}

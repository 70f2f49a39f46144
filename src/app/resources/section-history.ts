// What sections of the configuration said, who wrote it and when: the newest versions of each, kept as documents.

import { z } from 'zod'
import {
  type SectionHistory as History,
  SECTIONS,
  type SectionHistoryQuery,
  type SectionName,
  type SectionVersion,
} from '#api/contract/sections.ts'
import type { Documents } from '#lib/documents.ts'

/** Kind of the documents, one for each version. */
const KIND = 'section-version'
/** Of one section so many versions are kept, and so much text of all; the newest two always. */
const VERSIONS_MAX = 100
const TEXT_CHARACTERS_MAX = 2 * 1024 * 1024
const ALWAYS_KEPT = 2
/** Whoever wrote into the file by hand. */
export const BY_FILE = 'file'

const versionSchema = z.object({
  section: z.enum(SECTIONS),
  /** It orders them, over all sections; about the moment in ms, so that what is read late from the state keeps its place. */
  number: z.number().int().min(1),
  /** Wall clock, ms since 1970 UTC. */
  at: z.number(),
  by: z.string(),
  reason: z.string().exactOptional(),
  etag: z.string(),
  text: z.string(),
})
type Version = Readonly<z.infer<typeof versionSchema>>

export type Written = Omit<Version, 'number'>

export class SectionHistory {
  readonly #documents: Documents

  constructor(documents: Documents) {
    this.#documents = documents
  }

  /** Keeps a version when it says something else than the newest one of its section. */
  keep(written: Written): void {
    const versions = this.#versions()
    const own = versions.filter(({ section }) => section === written.section)
    if (own[0]?.text === written.text) return
    const number = Math.max(Math.floor(written.at), (versions[0]?.number ?? 0) + 1)
    void this.#documents.put(KIND, idOf(number), { ...written, number })
    this.#forget([{ ...written, number }, ...own])
  }

  list({ section, limit, cursor }: SectionHistoryQuery): History {
    const before = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor)
    const found = this.#versions().filter(
      each => each.number < before && (section === undefined || each.section === section),
    )
    const shown = found.slice(0, limit)
    const last = shown.at(-1)
    return {
      versions: shown.map(factsOf),
      ...(found.length > shown.length && last !== undefined ? { nextCursor: String(last.number) } : {}),
    }
  }

  get(id: string): SectionVersion | undefined {
    const versions = this.#versions()
    const version = versions.find(({ number }) => idOf(number) === id)
    if (version === undefined) return undefined
    const { section, number, text } = version
    const before = versions.find(each => each.section === section && each.number < number)
    return { ...factsOf(version), text, ...(before === undefined ? {} : { before: before.text }) }
  }

  /** Whether anything is kept of a section. */
  knows(name: SectionName): boolean {
    return this.#versions().some(({ section }) => section === name)
  }

  /** Newest first; what cannot be read is left out. */
  #versions(): Version[] {
    return [...this.#documents.all(KIND).values()]
      .flatMap(document => versionSchema.safeParse(document).data ?? [])
      .sort((a, b) => b.number - a.number)
  }

  #forget(own: readonly Version[]): void {
    let characters = 0
    for (const [place, { number, text }] of own.entries()) {
      characters += text.length
      const isOver = place >= VERSIONS_MAX || characters > TEXT_CHARACTERS_MAX
      if (isOver && place >= ALWAYS_KEPT) void this.#documents.drop(KIND, idOf(number))
    }
  }
}

const idOf = (number: number): string => `v${number}`

const factsOf = ({ section, number, at, by, reason, etag, text }: Version) => ({
  ...{ id: idOf(number), section, at: new Date(at).toISOString(), by },
  ...(reason === undefined ? {} : { reason }),
  ...{ etag, bytes: Buffer.byteLength(text) },
})

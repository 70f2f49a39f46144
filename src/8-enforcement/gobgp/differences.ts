// What gobgpd holds against what it was told: what has to be told again, and what has to be taken back.

import { type Announcement, routeAnnouncement } from '#7-mitigation/announcement.ts'
import type { HeldPath } from './listed.ts'

export interface Differences {
  /** Keys that are not held, or with other attributes, or without our mark. */
  readonly wrong: readonly string[]
  /** Held with our mark, and nobody wants them. At most `ORPHANS_MAX`; the others are found the next time. */
  readonly orphans: readonly Announcement[]
}

export interface Told {
  /** What the daemon had been told before it was asked what it holds. */
  readonly before: ReadonlyMap<string, Announcement>
  /** What it has been told by now. */
  readonly now: ReadonlyMap<string, Announcement>
  /** Whether nobody wants the key, and nothing about it is being told. */
  isForgotten(key: string): boolean
  /** Whether the key is being told. */
  isMoving(key: string): boolean
}

export const ORPHANS_MAX = 16_384

/** What changed while the daemon was asked is left alone: the answer may be older than that. */
export function differencesOf(
  told: Told,
  held: ReadonlyMap<string, HeldPath>,
  mark: string | undefined,
): Differences {
  const wrong: string[] = []
  for (const [key, announcement] of told.before) {
    if (told.now.get(key) !== announcement || told.isMoving(key)) continue
    if (!isRight(announcement, held.get(key), mark)) wrong.push(key)
  }
  const orphans: Announcement[] = []
  for (const [key, { item, announcement }] of held) {
    if (!item.isOurs || announcement === undefined || orphans.length === ORPHANS_MAX) continue
    if (!told.before.has(key) && told.isForgotten(key)) orphans.push(announcement)
  }
  return { wrong, orphans }
}

function isRight(wanted: Announcement, held: HeldPath | undefined, mark: string | undefined): boolean {
  if (held === undefined || (mark !== undefined && !held.item.isOurs)) return false
  return held.item.says === withoutMark(wanted, mark).says
}

/** A listing leaves the mark out, also where the configuration names it as one of the communities of a route. */
function withoutMark(wanted: Announcement, mark: string | undefined): Announcement {
  if (wanted.kind === 'flow' || mark === undefined || !wanted.route.communities.includes(mark)) return wanted
  const communities = wanted.route.communities.filter(text => text !== mark)
  return routeAnnouncement({ ...wanted.route, communities })
}

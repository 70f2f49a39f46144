// All that gobgpd holds from programs, in the four families that we announce; whole or not at all.

import type { Announcement } from '#7-mitigation/announcement.ts'
import type { Reply } from '#lib/grpc/grpc-client.ts'
import type { GobgpClient } from './client.ts'
import type { HeldPath } from './listed.ts'
import { FAMILIES, type Family, FLOWSPEC } from './wire.ts'

export type GobgpListing =
  | {
      readonly kind: 'listed'
      /** By key. */
      readonly held: ReadonlyMap<string, HeldPath>
      /** Families whose tables are too large to be listed: of them only what was asked for is in it. */
      readonly tooLarge: readonly string[]
    }
  | { readonly kind: 'unknown'; readonly error: string }

/**
 * Unicast tables may hold all routes of the Internet, told by neighbours. Where there are this many more than we
 * announce, only our own prefixes are looked up.
 */
const FOREIGN_MAX = 50_000
/** Rules of one family, which no router would hold anyway. */
const RULES_MAX = 262_144

/** `told`: its keys are looked up where a table is too large; without it such a table is an error. */
export async function listingOf(
  client: Pick<GobgpClient, 'listed' | 'lookedUp' | 'sizeOf'>,
  told: ReadonlyMap<string, Announcement> | undefined,
): Promise<GobgpListing> {
  const asked = told === undefined ? undefined : [...told.keys()]
  const held = new Map<string, HeldPath>()
  const tooLarge: string[] = []
  for (const family of FAMILIES) {
    const reply =
      family.safi === FLOWSPEC
        ? await client.listed(family, RULES_MAX, key => told?.get(key))
        : await unicastOf(
            client,
            family,
            asked?.filter(key => isOf(family, key)),
            tooLarge,
          )
    if (reply.kind !== 'ok') return { kind: 'unknown', error: `${nameOf(family)}: ${reply.error}` }
    for (const path of reply.value) held.set(path.item.key, path)
  }
  return { kind: 'listed', held, tooLarge }
}

async function unicastOf(
  client: Pick<GobgpClient, 'listed' | 'lookedUp' | 'sizeOf'>,
  family: Family,
  asked: readonly string[] | undefined,
  tooLarge: string[],
): Promise<Reply<readonly HeldPath[]>> {
  const size = await client.sizeOf(family)
  if (size.kind !== 'ok') return size
  const most = FOREIGN_MAX + (asked?.length ?? 0)
  // More may come while it is listed.
  if (size.value <= most) return client.listed(family, most + FOREIGN_MAX)
  if (asked === undefined) return { kind: 'refused', error: `${size.value} routes are too many to be listed` }
  tooLarge.push(nameOf(family))
  return client.lookedUp(family, asked)
}

/** Whether it is the key of a route of the family: those of rules are many words. */
const isOf = ({ afi }: Family, key: string): boolean =>
  !key.includes(' ') && key.includes(':') === (afi === 2)

const nameOf = ({ afi, safi }: Family): string =>
  `IPv${afi === 1 ? 4 : 6} ${safi === FLOWSPEC ? 'FlowSpec' : 'unicast'}`

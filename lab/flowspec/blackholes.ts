// Blackholes of a gobgpd in the kernel of this namespace: host routes with the BLACKHOLE community (RFC 7999) drop what they
// match, as in a router that takes part in remote triggered blackholing (RFC 5635).

import { z } from 'zod'
import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { PrefixSet } from '#lib/ip/prefix-set.ts'
import { run } from '../command.ts'
import { type RibListing, RibWatch } from './rib-watch.ts'

export interface BlackholeOptions {
  /** Host and port of gobgpd's API. */
  readonly host: string
  readonly port: number
  /** Only hosts in these are dropped. */
  readonly networks: PrefixSet
  /** Told each time the kernel's routes were changed, or could not be. */
  readonly tell: (report: BlackholeReport) => void
}

export interface BlackholeReport {
  readonly blackholes: readonly string[]
  readonly told: readonly string[]
}

const FAMILIES = ['ipv4', 'ipv6'] as const
/** 65535:666 as one number. */
const BLACKHOLE = 0xffff_029a
const COMMUNITIES = 8
/** The kernel's name for routes learned by BGP: only such are taken back. */
const ORIGIN = ['proto', 'bgp']

const ribSchema = z
  .record(
    z.string(),
    z.array(
      z.looseObject({
        best: z.boolean().default(false),
        attrs: z.array(z.looseObject({ type: z.number(), communities: z.array(z.number()).default([]) })),
      }),
    ),
  )
  .nullable()

export class BlackholeFollower implements Disposable {
  readonly #options: BlackholeOptions
  readonly #watch: RibWatch
  #held: ReadonlySet<string> = new Set()

  constructor(options: BlackholeOptions) {
    this.#options = options
    const { host, port } = options
    this.#watch = new RibWatch({ host, port, families: FAMILIES, look: listing => this.#follow(listing) })
  }

  /** Stops following; the routes stay as they are. */
  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
  }

  async #follow(listing: RibListing): Promise<void> {
    // A router whose BGP is gone forgets the routes it had from there.
    if (listing.kind === 'down') return this.#hold(new Set(), [listing.what])
    try {
      const wanted = listing.texts.flatMap(text => blackholesListed(text, this.#options.networks))
      await this.#hold(new Set(wanted), [])
    } catch (error) {
      this.#options.tell({ blackholes: [...this.#held], told: [`nothing is changed: ${String(error)}`] })
    }
  }

  async #hold(wanted: ReadonlySet<string>, told: readonly string[]): Promise<void> {
    const changes = [
      ...[...this.#held].filter(prefix => !wanted.has(prefix)).map(prefix => ['del', prefix] as const),
      ...[...wanted].filter(prefix => !this.#held.has(prefix)).map(prefix => ['replace', prefix] as const),
    ]
    if (changes.length === 0) return
    const problems: string[] = [...told]
    const held = new Set(this.#held)
    for (const [verb, prefix] of changes) {
      const { code, stderr } = await run(['ip', 'route', verb, 'blackhole', prefix, ...ORIGIN])
      if (code !== 0) problems.push(`${verb} ${prefix}: ${stderr.trim()}`)
      else if (verb === 'del') held.delete(prefix)
      else held.add(prefix)
    }
    this.#held = held
    this.#options.tell({ blackholes: [...held], told: problems })
  }
}

/** Host routes that are to be dropped. Throws when it is no listing. */
export function blackholesListed(json: string, networks: PrefixSet): string[] {
  return Object.entries(ribSchema.parse(JSON.parse(json)) ?? {}).flatMap(([text, paths]) => {
    const best = paths.find(path => path.best)
    const prefix = parsePrefix(text)
    const communities = best?.attrs.flatMap(({ type, communities }) =>
      type === COMMUNITIES ? communities : [],
    )
    return communities?.includes(BLACKHOLE) && prefix && isHost(prefix) && networks.covering(prefix)
      ? [formatPrefix(prefix)]
      : []
  })
}

const isHost = ({ family, length }: Prefix): boolean => length === (family === 4 ? 32 : 128)

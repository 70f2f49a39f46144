// Follows the FlowSpec rules of a gobgpd and keeps a table of nftables in this namespace as they say.

import { isDeepStrictEqual } from 'node:util'
import { type Ruleset, type RulesetOptions, rulesetOf } from '#lib/flowspec/nftables/ruleset.ts'
import { run } from '../command.ts'
import { rulesListed } from './gobgp-rib.ts'
import { type RibListing, RibWatch } from './rib-watch.ts'

export interface FollowerOptions extends RulesetOptions {
  /** Host and port of gobgpd's API. */
  readonly host: string
  readonly port: number
  /** Told each time the table was changed, or could not be. */
  readonly tell: (report: Report) => void
}

export interface Report {
  readonly rules: number
  /** What could not be listed, read, translated or applied. */
  readonly told: readonly string[]
}

const FAMILIES = [4, 6] as const

export class FlowFollower implements Disposable {
  readonly #options: FollowerOptions
  readonly #watch: RibWatch
  #applied: Ruleset | undefined
  #lastTold = ''

  constructor(options: FollowerOptions) {
    this.#options = options
    const families = FAMILIES.map(family => `ipv${family}-flowspec`)
    const { host, port } = options
    this.#watch = new RibWatch({ host, port, families, look: listing => this.#follow(listing) })
  }

  /** Stops following; the table stays as it is. */
  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
  }

  async #follow(listing: RibListing): Promise<void> {
    // A router whose BGP is gone forgets the rules it had from there.
    if (listing.kind === 'down') return this.#apply(rulesetOf([], this.#options), [listing.what])
    try {
      const listed = FAMILIES.map((family, at) => rulesListed(listing.texts[at] ?? '', family))
      const rules = listed.flatMap(one => one.rules)
      await this.#apply(
        rulesetOf(rules, this.#options),
        listed.flatMap(one => one.problems),
      )
    } catch (error) {
      this.#tell(this.#applied?.rules.length ?? 0, [
        `the listing cannot be read, and nothing is changed: ${String(error)}`,
      ])
    }
  }

  async #apply(ruleset: Ruleset, problems: readonly string[]): Promise<void> {
    const told = [...problems, ...ruleset.told]
    if (isSameRuleset(this.#applied, ruleset)) return this.#tell(ruleset.rules.length, told)
    const { code, stderr } = await run(['nft', '-f', '-'], { input: ruleset.script })
    if (code === 0) this.#applied = ruleset
    this.#tell(
      this.#applied?.rules.length ?? 0,
      code === 0 ? told : [...told, `nft refuses: ${stderr.trim()}`],
      true,
    )
  }

  #tell(rules: number, told: readonly string[], isChange = false): void {
    const report = JSON.stringify({ rules, told })
    if (!isChange && report === this.#lastTold) return
    this.#lastTold = report
    this.#options.tell({ rules, told })
  }
}

/** Whether two listings say the same, in whatever order. */
const isSameRuleset = (a: Ruleset | undefined, b: Ruleset): boolean =>
  a !== undefined && isDeepStrictEqual([a.script, a.told], [b.script, b.told])

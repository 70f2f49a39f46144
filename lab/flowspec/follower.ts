// Follows the FlowSpec rules of a gobgpd and keeps a table of nftables in this namespace as they say.
//
// gobgp's monitor tells that something changed; what holds then is listed anew, so nothing depends on a line of it. Rules
// that are listed while a change is being applied are applied after it.

import { type ChildProcess, spawn } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import { type Ruleset, type RulesetOptions, rulesetOf } from '#lib/flowspec/nftables/ruleset.ts'
import { run } from '../command.ts'
import { rulesListed } from './gobgp-rib.ts'

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
/** Without a change of which the monitor tells. */
const LOOK_MILLISECONDS = 1000
const RESTART_MILLISECONDS = 200

export class FlowFollower implements Disposable {
  readonly #options: FollowerOptions
  readonly #monitors = new Set<ChildProcess>()
  readonly #timer: NodeJS.Timeout
  #applied: Ruleset | undefined
  #lastTold = ''
  #isLooking = false
  #isDue = false
  #isOver = false

  constructor(options: FollowerOptions) {
    this.#options = options
    for (const family of FAMILIES) this.#monitor(family)
    this.#timer = setInterval(() => this.#look(), LOOK_MILLISECONDS)
    this.#look()
  }

  /** Stops following; the table stays as it is. */
  [Symbol.dispose](): void {
    this.#isOver = true
    clearInterval(this.#timer)
    for (const monitor of this.#monitors) monitor.kill()
  }

  #monitor(family: 4 | 6): void {
    if (this.#isOver) return
    const child = spawn('gobgp', [...this.#place(), 'monitor', ...listed(family)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#monitors.add(child)
    child.stdout.on('data', () => this.#look())
    child.once('error', () => this.#monitors.delete(child))
    child.once('close', () => {
      this.#monitors.delete(child)
      setTimeout(() => this.#monitor(family), RESTART_MILLISECONDS).unref()
      this.#look()
    })
  }

  #look(): void {
    this.#isDue = true
    if (!this.#isLooking) void this.#lookWhileDue()
  }

  async #lookWhileDue(): Promise<void> {
    this.#isLooking = true
    while (this.#isDue && !this.#isOver) {
      this.#isDue = false
      await this.#lookOnce()
    }
    this.#isLooking = false
  }

  async #lookOnce(): Promise<void> {
    const listings = await Promise.all(
      FAMILIES.map(async family => ({
        family,
        ...(await run(['gobgp', ...this.#place(), ...listed(family)])),
      })),
    )
    const down = listings.find(({ code }) => code !== 0)
    // A router whose BGP is gone forgets the rules it had from there.
    if (down !== undefined)
      return this.#apply(rulesetOf([], this.#options), [`gobgpd does not answer: ${oneLine(down)}`])
    try {
      const { rules, problems } = join(listings.map(({ stdout, family }) => rulesListed(stdout, family)))
      await this.#apply(rulesetOf(rules, this.#options), problems)
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

  #place(): string[] {
    return ['-u', this.#options.host, '-p', String(this.#options.port)]
  }
}

const listed = (family: 4 | 6): string[] => ['global', 'rib', '-a', `ipv${family}-flowspec`, '-j']

const join = (listings: readonly ReturnType<typeof rulesListed>[]) => ({
  rules: listings.flatMap(({ rules }) => rules),
  problems: listings.flatMap(({ problems }) => problems),
})

const oneLine = ({ stdout, stderr }: { stdout: string; stderr: string }): string =>
  (stderr || stdout).trim().split('\n')[0] ?? ''

/** Whether two rulesets say the same; they are in order. */
const isSameRuleset = (a: Ruleset | undefined, b: Ruleset): boolean =>
  a !== undefined && isDeepStrictEqual([a.script, a.told], [b.script, b.told])

// Counts packets where they arrive, by what they are: named counters of nftables in a host's namespace.

import { z } from 'zod'
import type { Lab } from '../namespace.ts'

/** Packets by name of what was counted. */
export type Counts<Name extends string> = Readonly<Record<Name, number>>

const listingSchema = z.object({
  nftables: z.array(
    z.looseObject({ counter: z.object({ name: z.string(), packets: z.number() }).optional() }),
  ),
})

export class Arrivals<Name extends string> {
  readonly #lab: Lab
  readonly #role: string
  readonly #names: readonly Name[]

  /** `kinds` are expressions of nftables by name, such as `ip daddr 192.0.2.1 udp sport 53`. */
  static async at<Name extends string>(
    lab: Lab,
    role: string,
    kinds: Readonly<Record<Name, string>>,
  ): Promise<Arrivals<Name>> {
    const names = Object.keys(kinds) as Name[]
    const input = `table inet arrivals {
${names.map(name => `  counter ${name} {\n  }`).join('\n')}
  chain arrive {
    type filter hook prerouting priority -300; policy accept;
${names.map(name => `    ${kinds[name]} counter name ${name}`).join('\n')}
  }
}
`
    const { code, stderr } = await lab.exec(role, ['nft', '-f', '-'], { input })
    if (code !== 0) throw new Error(`counters of ${role}: ${stderr}`)
    return new Arrivals(lab, role, names)
  }

  private constructor(lab: Lab, role: string, names: readonly Name[]) {
    this.#lab = lab
    this.#role = role
    this.#names = names
  }

  /** All that came since they were set up. */
  async counts(): Promise<Counts<Name>> {
    const { stdout } = await this.#lab.exec(this.#role, ['nft', '-j', 'list', 'counters'])
    const listed = listingSchema.parse(JSON.parse(stdout)).nftables
    const packets = new Map(
      listed.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])),
    )
    return this.#record(name => packets.get(name) ?? 0)
  }

  /** What comes while `wait` lasts. */
  async during(wait: () => Promise<unknown>): Promise<Counts<Name>> {
    const before = await this.counts()
    await wait()
    const after = await this.counts()
    return this.#record(name => after[name] - before[name])
  }

  #record(packetsOf: (name: Name) => number): Counts<Name> {
    // Each name has an entry, which `fromEntries` cannot say.
    return Object.fromEntries(this.#names.map(name => [name, packetsOf(name)])) as Counts<Name>
  }
}

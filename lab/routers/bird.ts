// BIRD 2 as a router of ours: blackholes go to the kernel of its namespace, flow rules stay in its tables.

import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../namespace.ts'
import { HOLD_SECONDS, startDaemon } from './speaker.ts'
import { AS, type Peering } from './topology.ts'

/** One rule as BIRD prints it: `flow4 { dst 192.0.2.1/32; proto 17; }` and its extended communities. */
export interface BirdFlow {
  readonly flow: string
  readonly communities: string
}

export class Bird {
  readonly process: ChildProcess
  readonly #lab: Lab
  readonly #peering: Peering
  readonly #control: string

  /** `manner`: whether BIRD dials or waits. Prefixes of 10.0.0.0/8 are taken as well: the benches announce those. */
  static start(lab: Lab, folder: string, peering: Peering, manner: 'waits' | 'dials'): Bird {
    const file = join(folder, `${peering.role}-bird.conf`)
    writeFileSync(file, configOf(peering, manner))
    return new Bird(lab, folder, peering, file)
  }

  private constructor(lab: Lab, folder: string, peering: Peering, file: string) {
    this.#lab = lab
    this.#peering = peering
    this.#control = join(folder, `${peering.role}-bird.ctl`)
    const pid = join(folder, `${peering.role}-bird.pid`)
    const argv = ['bird', '-f', '-c', file, '-s', this.#control, '-P', pid]
    this.process = startDaemon(lab, peering.role, folder, argv)
  }

  async isUp(): Promise<boolean> {
    return (await this.#ask('show', 'protocols', 'speaker')).includes('Established')
  }

  /** Since when the session is what it is, to the millisecond: `Established since 10:45:05.948`. */
  async history(): Promise<string> {
    const [, since, info] =
      /^speaker +BGP +--- +\S+ +(\S+) +(\S+)/m.exec(await this.#ask('show', 'protocols')) ?? []
    return `${info} since ${since}`
  }

  /** Rules learned from the speaker, of both families, sorted. */
  async flows(): Promise<BirdFlow[]> {
    const tables = await Promise.all(
      ['flow4tab', 'flow6tab'].map(table => this.#ask('show', 'route', 'table', table, 'all')),
    )
    return tables.flatMap(flowsIn).sort((a, b) => (a.flow < b.flow ? -1 : 1))
  }

  /** How many routes a table holds: `master4`, `flow4tab`. */
  async count(table: string): Promise<number> {
    const said = await this.#ask('show', 'route', 'table', table, 'count')
    return Number(/^(\d+) of \d+ routes/m.exec(said)?.[1] ?? 0)
  }

  async #ask(...words: readonly string[]): Promise<string> {
    const argv = ['birdc', '-s', this.#control, ...words]
    return (await this.#lab.exec(this.#peering.role, argv)).stdout
  }
}

function flowsIn(text: string): BirdFlow[] {
  const flows: { flow: string; communities: string }[] = []
  for (const line of text.split('\n')) {
    const flow = /^(flow[46] \{.*\}) /.exec(line)?.[1]
    const communities = /BGP\.ext_community: (.*)$/.exec(line)?.[1]
    if (flow !== undefined) flows.push({ flow: flow.replace(/\s+/g, ' '), communities: '' })
    else if (communities !== undefined) flows.at(-1)!.communities = communities.trim()
  }
  return flows
}

const configOf = ({ speaker, router }: Peering, manner: 'waits' | 'dials'): string => `
router id ${router.ipv4};
log stderr all;
flow4 table flow4tab;
flow6 table flow6tab;
protocol device { scan time 10; }
protocol kernel { ipv4 { import none; export where source = RTS_BGP; }; scan time 10; }
protocol kernel { ipv6 { import none; export where source = RTS_BGP; }; scan time 10; }
filter blackholes4 {
  if net ~ [ 203.0.113.0/24{32,32}, 10.0.0.0/8{32,32} ] && (65535,666) ~ bgp_community then {
    dest = RTD_BLACKHOLE;
    accept;
  }
  reject;
}
filter blackholes6 {
  if net ~ [ 2001:db8:113::/48{128,128} ] && (65535,666) ~ bgp_community then {
    dest = RTD_BLACKHOLE;
    accept;
  }
  reject;
}
protocol bgp speaker {
  local ${router.ipv4} as ${AS};
  neighbor ${speaker.ipv4} as ${AS};
  ${manner === 'waits' ? 'passive on;' : 'connect delay time 1; connect retry time 1;'}
  error wait time 1, 2;
  hold time ${HOLD_SECONDS};
  graceful restart off;
  ipv4 { import filter blackholes4; export none; };
  ipv6 { import filter blackholes6; export none; };
  flow4 { table flow4tab; import all; export none; };
  flow6 { table flow6tab; import all; export none; };
}
`

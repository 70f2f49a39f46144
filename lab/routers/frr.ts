// FRR 8 as a router of ours: zebra, staticd and bgpd with sockets of their own. Flow rules stay in its tables.

import type { ChildProcess } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FrrFlow, flowsOfFrr } from '../flowspec/frr-flow.ts'
import type { Lab } from '../namespace.ts'
import { HOLD_SECONDS, startDaemon } from './speaker.ts'
import { AS, type Peering } from './topology.ts'

const DAEMONS = '/usr/lib/frr'
const START_MILLISECONDS = 10_000

export class Frr {
  readonly processes: readonly ChildProcess[]
  readonly #lab: Lab
  readonly #peering: Peering
  readonly #sockets: string

  /** The folder must be open to FRR's user. bgpd dials; when it is told to wait, the speaker has to. */
  static async start(lab: Lab, folder: string, peering: Peering, manner: 'waits' | 'dials'): Promise<Frr> {
    const sockets = join(folder, `${peering.role}-frr`)
    mkdirSync(sockets)
    execFileSync('chown', ['frr:frr', sockets])
    const start = (name: string, config: string): ChildProcess => {
      const file = join(sockets, `${name}.conf`)
      writeFileSync(file, config, { mode: 0o644 })
      return startDaemon(lab, peering.role, folder, [
        ...[join(DAEMONS, name), '-u', 'frr', '-g', 'frr', '--vty_socket', sockets],
        ...['-z', join(sockets, 'zserv.api'), '-P', '0', '-f', file, '-i', join(sockets, `${name}.pid`)],
      ])
    }
    const zebra = start('zebra', 'hostname zebra\n')
    const endsAt = performance.now() + START_MILLISECONDS
    while (!existsSync(join(sockets, 'zserv.api')) && performance.now() < endsAt) await sleep(20)
    if (!existsSync(join(sockets, 'zserv.api')))
      throw new Error('zebra does not start; can its user enter the folder?')
    const others = [start('staticd', STATIC_CONFIG), start('bgpd', bgpConfig(peering, manner))]
    return new Frr(lab, peering, sockets, [zebra, ...others])
  }

  private constructor(lab: Lab, peering: Peering, sockets: string, processes: readonly ChildProcess[]) {
    this.#lab = lab
    this.#peering = peering
    this.#sockets = sockets
    this.processes = processes
  }

  async isUp(): Promise<boolean> {
    const said = await this.#ask(`show bgp neighbors ${this.#peering.speaker.ipv4} json`)
    return /"bgpState":\s*"Established"/.test(said)
  }

  /** `show bgp ipv4 flowspec detail`, and that of IPv6. */
  async flows(family: 4 | 6): Promise<string> {
    return this.#ask(`show bgp ipv${family} flowspec detail`)
  }

  /** The same, read back. */
  async flowsRead(family: 4 | 6): Promise<FrrFlow[]> {
    return flowsOfFrr(await this.#ask(`show bgp ipv${family} flowspec detail json`), family)
  }

  /** How often the session came up and went down: `1 up, 0 down`. */
  async history(): Promise<string> {
    const said = await this.#ask(`show bgp neighbors ${this.#peering.speaker.ipv4} json`)
    const count = (name: string) => new RegExp(`"${name}":\\s*(\\d+)`).exec(said)?.[1]
    return `${count('connectionsEstablished')} up, ${count('connectionsDropped')} down`
  }

  async #ask(command: string): Promise<string> {
    const argv = ['vtysh', '--vty_socket', this.#sockets, '-c', command]
    return (await this.#lab.exec(this.#peering.role, argv)).stdout
  }
}

/** What blackholes resolve through (RFC 5635). */
const STATIC_CONFIG = `hostname staticd
ip route 192.0.2.1/32 blackhole
ipv6 route 100::1/128 blackhole
`

const bgpConfig = ({ speaker, router }: Peering, manner: 'waits' | 'dials'): string => `hostname bgpd
log stdout informational
ip prefix-list OURS4 seq 5 permit 203.0.113.0/24 ge 32
ipv6 prefix-list OURS6 seq 5 permit 2001:db8:113::/48 ge 128
bgp community-list standard BLACKHOLE permit 65535:666
route-map BLACKHOLES4 permit 10
 match ip address prefix-list OURS4
 match community BLACKHOLE
 set ip next-hop 192.0.2.1
exit
route-map BLACKHOLES6 permit 10
 match ipv6 address prefix-list OURS6
 match community BLACKHOLE
 set ipv6 next-hop global 100::1
exit
router bgp ${AS}
 bgp router-id ${router.ipv4}
 no bgp default ipv4-unicast
 neighbor ${speaker.ipv4} remote-as ${AS}
 neighbor ${speaker.ipv4} timers 1 ${HOLD_SECONDS}
 neighbor ${speaker.ipv4} timers connect 1
${manner === 'waits' ? ` neighbor ${speaker.ipv4} passive\n` : ''} address-family ipv4 unicast
  neighbor ${speaker.ipv4} activate
  neighbor ${speaker.ipv4} route-map BLACKHOLES4 in
 exit-address-family
 address-family ipv6 unicast
  neighbor ${speaker.ipv4} activate
  neighbor ${speaker.ipv4} route-map BLACKHOLES6 in
 exit-address-family
 address-family ipv4 flowspec
  neighbor ${speaker.ipv4} activate
 exit-address-family
 address-family ipv6 flowspec
  neighbor ${speaker.ipv4} activate
 exit-address-family
exit
`

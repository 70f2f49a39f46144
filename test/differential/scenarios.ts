// What is sent to both programs: one host each, so that all scenarios of a run go on at the same time.

import type { HostFlood } from '../../lab/peer/flood-hosts.ts'
import type { TrafficPart } from '../../lab/traffic.ts'
import type { RunSettings } from './conf.ts'

export interface Scenario extends HostFlood {
  readonly title: string
  readonly host: string
  /** What FastNetMon is known to do: whether there is a ban at all, and in which direction. */
  readonly banned: 'incoming' | 'outgoing' | undefined
  /** A deliberate difference, which is written down for operators too. */
  readonly differs?: Difference
}

/** Lines of the report, or calls, that we give on purpose other than FastNetMon. */
export type Difference = 'gre'

export interface Run {
  readonly name: string
  readonly settings: RunSettings
  readonly scenarios: readonly Scenario[]
  /** How long after the first ban the unbans are waited for; 0: not at all. */
  readonly unbanSeconds: number
  /** Where the last 10 s of the traffic are compared: all of it is steady. */
  readonly isSteady: boolean
}

const OUTSIDE = '198.18.0.0/26'
const OUTSIDE6 = '2001:db8:ffff::/122'
/** 64 senders and 4 ports: flows, but far fewer than any limit. */
const PORTS = [2000, 2003] as const

type Shape = Pick<TrafficPart, 'protocol' | 'bytes'> & Partial<TrafficPart>

const part = (host: string, shape: Shape): TrafficPart => ({
  share: 1,
  sources: host.includes(':') ? OUTSIDE6 : OUTSIDE,
  targets: host,
  ...(shape.protocol === 'udp' || shape.protocol === 'tcp' ? { sourcePort: PORTS } : {}),
  ...shape,
})

const scenario = (
  title: string,
  host: string,
  pps: number,
  seconds: number,
  ...shapes: readonly Shape[]
): Scenario => ({
  title,
  host,
  banned: 'incoming',
  pps,
  seconds,
  parts: shapes.map(shape => part(host, shape)),
})

const UDP: Shape = { protocol: 'udp', bytes: 200 }
const SYN: Shape = { protocol: 'tcp', bytes: 60, flags: ['syn'] }
const ACK: Shape = { protocol: 'tcp', bytes: 60, flags: ['ack'] }
const FRAGMENT: Shape = { protocol: 'udp', bytes: 250 }
const OUTGOING = { sources: '10.10.1.5', targets: '198.18.77.7' }

const FLOOD = 4000
const SECONDS = 10

const MAIN: Run = {
  name: 'limits, directions, protocols, lists and unban; 20 records',
  settings: { recordCount: 20, tracking: true },
  unbanSeconds: 35,
  isSteady: false,
  scenarios: [
    scenario('UDP flood', '10.10.1.1', FLOOD, SECONDS, UDP),
    scenario('SYN flood', '10.10.1.2', FLOOD, SECONDS, SYN),
    scenario('ICMP flood', '10.10.1.3', FLOOD, SECONDS, { protocol: 'icmp', bytes: 98 }),
    scenario(
      'fragments, first and later',
      '10.10.1.4',
      FLOOD,
      SECONDS,
      { ...FRAGMENT, fragment: { offset: 0, more: true } },
      { ...FRAGMENT, fragment: { offset: 1480, more: false } },
    ),
    {
      ...scenario('outgoing UDP flood', '10.10.1.5', FLOOD, SECONDS, { ...UDP, ...OUTGOING }),
      banned: 'outgoing',
    },
    scenario('limit of Mbit/s', '10.10.1.6', 1600, SECONDS, { protocol: 'udp', bytes: 1514 }),
    scenario('limit of flows', '10.10.1.7', 1800, SECONDS, {
      ...UDP,
      sources: '198.18.0.0/16',
      sourcePort: [1024, 65535],
    }),
    scenario('limit of TCP packets', '10.10.1.8', 1800, SECONDS, ACK),
    scenario('hostgroup, over its limit', '10.10.7.7', 5600, SECONDS, UDP),
    {
      ...scenario('hostgroup, over the general limit only', '10.10.7.8', 3000, SECONDS, UDP),
      banned: undefined,
    },
    { ...scenario('whitelisted', '10.10.9.9', FLOOD, SECONDS, UDP), banned: undefined },
    { ...scenario('below every limit', '10.10.1.12', 900, SECONDS, UDP, ACK), banned: undefined },
    scenario('IPv6 UDP flood', '2001:db8:10::10', FLOOD, SECONDS, UDP),
    scenario('IPv6 SYN flood', '2001:db8:10::11', FLOOD, SECONDS, { ...SYN, bytes: 80 }),
    scenario('attack longer than the ban', '10.10.1.13', FLOOD, 20, UDP),
    scenario(
      'mixed: no type fits',
      '10.10.1.14',
      FLOOD,
      SECONDS,
      { ...UDP, share: 6 },
      { ...SYN, share: 2 },
      { protocol: 'icmp', bytes: 98, share: 2 },
    ),
    scenario('two at once: the first', '10.10.2.1', FLOOD, SECONDS, UDP),
    scenario('two at once: the second', '10.10.2.2', FLOOD, SECONDS, SYN),
    {
      ...scenario('GRE flood', '10.10.1.15', FLOOD, SECONDS, { protocol: 'gre', bytes: 200 }),
      differs: 'gre',
    },
  ],
}

const STEADY_SECONDS = 32

const STEADY: Run = {
  name: 'steady traffic; no records',
  settings: { recordCount: 0, tracking: true },
  unbanSeconds: 0,
  isSteady: true,
  scenarios: [
    scenario('UDP flood, no records', '10.10.1.1', FLOOD, STEADY_SECONDS, UDP),
    scenario('many flows, no records', '10.10.1.2', 6000, STEADY_SECONDS, {
      ...ACK,
      sources: '198.18.0.0/16',
      sourcePort: [1024, 65535],
    }),
    { ...scenario('steady below the limits', '10.10.1.3', 1500, STEADY_SECONDS, UDP), banned: undefined },
    {
      ...scenario('outgoing, no records', '10.10.1.5', FLOOD, STEADY_SECONDS, { ...UDP, ...OUTGOING }),
      banned: 'outgoing',
    },
    scenario('IPv6 UDP flood, no records', '2001:db8:10::10', FLOOD, STEADY_SECONDS, UDP),
  ],
}

const UNTRACKED: Run = {
  name: 'connection tracking off; 50 records',
  settings: { recordCount: 50, tracking: false },
  unbanSeconds: 0,
  isSteady: false,
  scenarios: [
    scenario('UDP flood, no tracking', '10.10.1.1', FLOOD, SECONDS, UDP),
    scenario('ACK flood, no tracking', '10.10.1.2', FLOOD, SECONDS, ACK),
    {
      ...scenario('many flows, no tracking', '10.10.1.7', 1800, SECONDS, {
        ...UDP,
        sources: '198.18.0.0/16',
        sourcePort: [1024, 65535],
      }),
      banned: undefined,
    },
  ],
}

export const RUNS: readonly Run[] = [MAIN, STEADY, UNTRACKED]

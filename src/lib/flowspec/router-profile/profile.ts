// What a router cannot express or enforce of FlowSpec, as data. Where no source says a limit, none is stated.

import type { ActionKind, ComponentType } from '../rule.ts'

export interface RouterProfile {
  readonly name: string
  readonly families: readonly (4 | 6)[]
  /** Types it does not match on. */
  readonly lacks: readonly ComponentType[]
  /** Types of which a rule may have one only. */
  readonly eitherOr: readonly (readonly [ComponentType, ComponentType])[]
  readonly hasOffsets: boolean
  /** Bits that it can test. */
  readonly tcpFlags: number
  readonly fragment: number
  readonly actions: readonly ActionKind[]
  /** Octets per second between two rates that it can enforce; 1 where nothing is known. */
  readonly rateStepBytes: number
  /** False: it only carries rules, and no packet is dropped. */
  readonly isEnforcing: boolean
  readonly largestNlri: number
  /** How we know: `measured` by us, `documented` by the vendor, `unverified` by neither. */
  readonly evidence: 'measured' | 'documented' | 'unverified'
  readonly note: string
}

const RFC_8955: readonly ActionKind[] = ['discard', 'rate-bytes', 'traffic-action', 'redirect', 'mark']

/** All that the RFCs have, but for rates in packets, which few know. */
const WHOLE: Omit<RouterProfile, 'name' | 'note'> = {
  families: [4, 6],
  lacks: [],
  eitherOr: [],
  hasOffsets: false,
  tcpFlags: 0xfff,
  fragment: 15,
  actions: [...RFC_8955, 'redirect-ip'],
  rateStepBytes: 1,
  isEnforcing: true,
  largestNlri: 4095,
  evidence: 'unverified',
}

export const ROUTER_PROFILES = {
  junos: {
    ...WHOLE,
    name: 'Juniper Junos',
    eitherOr: [
      ['port', 'destination-port'],
      ['port', 'source-port'],
    ],
    evidence: 'documented',
    note: 'The session may need to carry FlowSpec only, and no-validate where no unicast route covers the target.',
  },
  'ios-xr': {
    ...WHOLE,
    name: 'Cisco IOS XR',
    evidence: 'documented',
    note: 'First line cards of the ASR 9000 do not enforce rules; local-install must name the interfaces.',
  },
  'ios-xe': {
    ...WHOLE,
    name: 'Cisco IOS XE',
    note: 'Some releases are route reflectors only: rules are passed on and not enforced.',
  },
  eos: { ...WHOLE, name: 'Arista EOS', note: 'Bound by the TCAM of the platform: set a rule budget.' },
  'sr-os': {
    ...WHOLE,
    name: 'Nokia SR OS',
    note: 'Rules land in an embedded filter whose size is configured.',
  },
  routeros: {
    ...WHOLE,
    name: 'MikroTik RouterOS',
    isEnforcing: false,
    note: 'We know of no release that enforces rules.',
  },
  frr: {
    ...WHOLE,
    name: 'FRR, VyOS',
    hasOffsets: true,
    isEnforcing: false,
    evidence: 'measured',
    note: 'FRR 8.4.4 as Debian ships it shows rules and drops nothing: no module takes them to the kernel. It resets the session at a component with six tests or more (a range is two).',
  },
  slx: {
    ...WHOLE,
    name: 'Extreme SLX-OS',
    families: [4],
    tcpFlags: 0x3f,
    fragment: 2,
    actions: RFC_8955,
    rateStepBytes: 2750,
    evidence: 'documented',
    note: 'Rates go by steps of 22 kbit/s, and below the first step all is dropped.',
  },
  bird: {
    ...WHOLE,
    name: 'BIRD',
    isEnforcing: false,
    evidence: 'measured',
    note: 'A table only. A prefix with an offset makes BIRD 2 reset the session.',
  },
  gobgp: {
    ...WHOLE,
    name: 'GoBGP',
    actions: [...RFC_8955, 'redirect-ip', 'rate-packets'],
    isEnforcing: false,
    largestNlri: 238,
    evidence: 'measured',
    note: 'A table only. gobgpd 3.10 writes longer NLRIs malformed.',
  },
} satisfies Readonly<Record<string, RouterProfile>>

export type RouterName = keyof typeof ROUTER_PROFILES

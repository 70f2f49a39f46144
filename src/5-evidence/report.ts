// A report: what is known about an attack, put together once for text, JSON and people.

import type { Speeds } from '#3-traffic/metric.ts'
import type { Attack, Crossing, Finding, LimitName } from '#4-detection/attack.ts'
import type { ProposedRules } from './distill/proposed-rules.ts'
import type { FlowSection, PacketRecord } from './evidence.ts'

export interface Report {
  readonly attack: Attack
  /** Why the attack was opened, in one sentence without a full stop. */
  readonly why: string
  /** Bytes of a packet on average, one decimal; 0 without packets. */
  readonly packetBytes: { readonly incoming: number; readonly outgoing: number }
  /** Empty when flows are not counted or none was seen. */
  readonly flows: readonly FlowSection[]
  readonly packets: readonly PacketRecord[]
  /** Rules that packets of the attack suggest; missing: none were sought, or not yet. */
  readonly proposed?: ProposedRules
}

export function reportOf(known: {
  readonly attack: Attack
  readonly flows: readonly FlowSection[]
  readonly packets: readonly PacketRecord[]
  readonly proposed?: ProposedRules
}): Report {
  const { attack, flows, packets, proposed } = known
  const packetBytes = {
    incoming: packetBytesOf(attack.speeds.incoming),
    outgoing: packetBytesOf(attack.speeds.outgoing),
  }
  const rules = proposed === undefined ? {} : { proposed }
  return { attack, why: whyOpened(attack), packetBytes, flows, packets, ...rules }
}

const packetBytesOf = (speeds: Speeds): number =>
  speeds.packets > 0 ? Math.round((10 * speeds.bytes) / speeds.packets) / 10 : 0

/** Which number crossed which limit, since when; or that an operator asked for it. */
export function whyOpened(attack: Attack): string {
  const { crossing, reported } = attack
  if (crossing !== undefined) return crossingSentence(crossing, attack)
  if (reported === undefined) return 'an operator asked for it'
  const { source, vector, order } = reported
  return order === undefined
    ? [source, ' reports ', vector].join('')
    : [source, ' asked for it: ', order.reason].join('')
}

/** Whose limit it was: of a host, or of what is attacked as a whole. */
function ownerOf({ hostgroup }: Crossing, { scope }: Attack): string {
  switch (scope) {
    case 'host':
      return hostgroup === 'global' ? 'the general limit' : `the limit of hostgroup ${hostgroup}`
    case 'network':
      return 'the limit of the network as a whole'
    case 'hostgroup':
      return `the limit of hostgroup ${hostgroup} as a whole`
    case 'prefix':
      return 'the limit of prefixes, spread over many hosts,'
  }
}

/** What an attack is, in one phrase: `syn-flood 52 % + udp-flood 40 % (confidence 91 %, from 812 packets)`. */
export function findingText(finding: Finding | undefined): string {
  if (finding === undefined) return 'not named: too few packets were seen'
  const names = finding.parts.map(({ vector, share }) => `${vector} ${Math.round(share * 100)} %`)
  const sure = Math.round(finding.confidence * 100)
  return `${names.join(' + ')} (confidence ${sure} %, from ${finding.packets} packets)`
}

function crossingSentence(crossing: Crossing, attack: Attack): string {
  const { limit, direction, value, threshold, mode, overSeconds } = crossing
  const owner = ownerOf(crossing, attack)
  const judged = mode === 'budget' ? `more than its budget${budgetText(crossing)}` : 'on average'
  return (
    `${direction} ${limit} at ${rateText(limit, value)} went over ${owner} of ${rateText(limit, threshold)}` +
    ` (${judged}, ${overSeconds.toFixed(1)} s after the first tick above it)`
  )
}

/** How much was allowed, and how suspicious it looked: ` of 0.25 limit-seconds, suspicion 100 %`. */
function budgetText({ budgetSeconds, suspicion }: Crossing): string {
  if (budgetSeconds === undefined) return ''
  const looked = suspicion === undefined ? '' : `, suspicion ${Math.round(suspicion.weight * 100)} %`
  return ` of ${budgetSeconds.toFixed(2)} limit-seconds${looked}`
}

/** A rate with its unit: `27,421 packets/s`, `1,000.0 Mbit/s`, `3,500 flows/s`. */
export function rateText(limit: LimitName, value: number): string {
  if (limit.endsWith('bits')) return `${grouped((value / 1e6).toFixed(1))} Mbit/s`
  return `${grouped(String(Math.floor(value)))} ${limit === 'flows' ? 'flows/s' : 'packets/s'}`
}

const grouped = (digits: string): string => digits.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',')

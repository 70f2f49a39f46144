// What the flows of an attack say about where it goes: to which ports of the host, or at whom a host of ours aims. Rules name these.

import type { Attack } from '#4-detection/attack.ts'
import type { FlowRecord, FlowSection } from '#5-evidence/evidence.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'

export interface FloodFacts {
  /** Missing: it goes to too many ports, or too few packets were seen. */
  readonly floodPorts?: readonly number[]
  /** Whom a host of ours attacks, as prefixes of one address; missing: nobody stands out. */
  readonly remoteTargets?: readonly string[]
}

/** So many packets have to be seen. */
const PACKETS_MIN = 20
/** What is named has to get this share of them together. */
const SHARE = 0.9
/** And each of what is named this share. */
const EACH_SHARE = 0.05
/** More ports or targets than these are nothing in particular. */
const NAMES_MAX = 8

export function floodFactsOf({ direction }: Attack, sections: readonly FlowSection[]): FloodFacts {
  if (direction === 'other') return {}
  const flows = sections.filter(section => section.direction === direction).flatMap(({ flows }) => flows)
  if (direction === 'incoming') {
    const ports = mostOf(flows, ({ hostPort }) => hostPort)
    return ports === undefined ? {} : { floodPorts: ports.toSorted((a, b) => a - b) }
  }
  const targets = mostOf(flows, ({ remote }) => remote)
  return targets === undefined ? {} : { remoteTargets: targets.flatMap(prefixText).toSorted() }
}

/** The few that get nearly all packets, the most first; `undefined` when there are no such few. */
function mostOf<Key>(flows: readonly FlowRecord[], keyOf: (flow: FlowRecord) => Key): Key[] | undefined {
  const counts = new Map<Key, number>()
  for (const flow of flows) counts.set(keyOf(flow), (counts.get(keyOf(flow)) ?? 0) + flow.packets)
  const all = [...counts.values()].reduce((sum, packets) => sum + packets, 0)
  if (all < PACKETS_MIN) return undefined
  const few = [...counts]
    .filter(([, packets]) => packets >= all * EACH_SHARE)
    .sort((a, b) => b[1] - a[1])
    .slice(0, NAMES_MAX)
  const named = few.reduce((sum, [, packets]) => sum + packets, 0)
  return named >= all * SHARE ? few.map(([key]) => key) : undefined
}

const prefixText = (address: string): string[] => {
  const prefix = parsePrefix(address)
  return prefix === undefined ? [] : [formatPrefix(prefix)]
}

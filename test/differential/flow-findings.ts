// What the collectors counted of the same datagrams, compared and written down.

import { FLOW_CASES, type FlowCase, type Oracle } from './flow-cases.ts'
import type { Collector, Count, Counted } from './flow-stage.ts'

export const FLOW_PAGE = 'docs/design/differential-flows.md'

const ALLOWED = 0.01
/** FastNetMon's screen tells whole megabits: of less than this in all nothing can be said. */
const BYTES_MIN = 20_000_000
const ORACLES: readonly Oracle[] = ['fastnetmon', 'nfdump']
const NAMES: Readonly<Record<Collector, string>> = {
  floodwarden: 'Floodwarden',
  fastnetmon: 'FastNetMon',
  nfdump: 'nfdump',
}

/** How far a count is from what the specification says, as a share of it: the worse of packets and bytes. */
function apart(count: Count, { packets, bytes }: FlowCase): number {
  const ofPackets = Math.abs(count.packets / packets - 1)
  return bytes < BYTES_MIN ? ofPackets : Math.max(ofPackets, Math.abs(count.bytes / bytes - 1))
}

/** One sentence for each difference nobody meant, and for each that is meant and no longer there. */
export function wrongInFlows(counted: Counted): string[] {
  return FLOW_CASES.flatMap((flowCase, at) => {
    const row = counted[at]!
    const says = (who: Collector): string =>
      `${flowCase.name}: ${NAMES[who]} ${row[who].packets} packets, ${row[who].bytes} bytes`
    const wrong = apart(row.floodwarden, flowCase) > ALLOWED ? [says('floodwarden')] : []
    for (const oracle of ORACLES) {
      const differs = apart(row[oracle], flowCase) > ALLOWED
      if (differs !== (flowCase.differs[oracle] !== undefined))
        wrong.push(`${says(oracle)}${differs ? '' : ', which should differ'}`)
    }
    return wrong
  })
}

const INTRODUCTION = `# Beside other collectors

FastNetMon 1.2.4, nfdump 1.7 (nfcapd and sfcapd) and Floodwarden in plain mode receive the very same datagrams, each case from an
exporter of its own and for a host of its own. "Told" is what the datagrams say by their specification. Floodwarden is within 1 %
of it everywhere; where another collector is not, the reason is below. FastNetMon and Floodwarden show averages, FastNetMon in
whole megabits; totals are worked out from the averages of all ticks, which leaves some tenths of a percent.

Made by \`npm run differential:flows -- --write ${FLOW_PAGE}\` (root, about 15 seconds). \`npm test\` makes the same
comparison and fails at a difference that is not meant.`

const REMARKS = `## What is counted

- FastNetMon and nfdump count the length of an sFlow frame with its check sequence; Floodwarden leaves it out, as at a mirror port:
  4 bytes a packet.
- Octets and packets of a flow (elements 1 and 2) are counted as they are told; those that elements 132 and 133 call dropped are
  among them or not, as the exporter has it, and nobody of the three adds them.`

/** The page: a table of all cases, and the reasons of what differs. */
export function flowText(counted: Counted): string {
  const rows = FLOW_CASES.map((flowCase, at) => {
    const row = counted[at]!
    return [
      flowCase.name,
      flowCase.direction,
      countText(flowCase),
      ...(Object.keys(NAMES) as Collector[]).map(who => countText(row[who])),
    ]
  })
  const reasons = FLOW_CASES.flatMap(({ name, differs }) =>
    ORACLES.flatMap(oracle =>
      differs[oracle] === undefined ? [] : [`- ${name}, ${NAMES[oracle]}: ${differs[oracle]}`],
    ),
  )
  const head = ['case', 'direction', 'told', ...Object.values(NAMES)]
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const table = [head, head.map(() => '---'), ...rows].map(line).join('\n')
  const text = [INTRODUCTION, '## Packets and bytes', table, '## Reasons', reasons.join('\n'), REMARKS]
  return `${text.join('\n\n')}\n`
}

const countText = ({ packets, bytes }: Count): string => `${packets}, ${(bytes / 1e6).toFixed(1)} MB`

// The table of vectors: what a flood can be called, how that is known, and the words other programs have for it.

import { VECTORS } from '../../src/4-detection/vectors.ts'
import { AMPLIFIERS } from '../../src/4-detection/vectors-amplifiers.ts'
import type { Vector, VectorMatch } from '../../src/4-detection/vectors-match.ts'
import { pageHead, table } from './exports.ts'

const INTRODUCTION = `
An open attack is named from the packets of its host that the rings hold: when it opens, and again, with more packets, when
its evidence is there. Rows are asked in this order; a row takes the packets it explains from those below it. It
needs at least its share of all packets or of all bytes, and its condition. Two rows that hold make a **mixed** attack with
parts; what no row explains is \`unknown\`, and so is honest traffic that crosses a limit. Fewer than eight packets name
nothing. [ADR 0015](../adr/0015-how-an-attack-is-named.md) says why, and what confidence means.

\`floodwarden attacks\`, the API, the log, \`replay\` and the JSON report tell the name with its reasons. The text for notify
scripts has FastNetMon's words, from the speeds and not from the packets; the columns *FastNetMon* say what those are
for an attack of one vector alone, in plain mode. In budget mode the protocol of a flood that is neither TCP, UDP nor ICMP is
\`unknown\` instead of \`tcp\`, because a script that filters what it is told would cut the TCP of the host.

An attack of a host of ours (outgoing) has the same names. An amplification there means that the host is the reflector: it
answers requests whose sender is forged, and the reasons say so.
`

export function vectorsPage(): string {
  const plain = VECTORS.filter(({ amplifier }) => amplifier === undefined)
  return [
    pageHead('Vectors', 'src/4-detection/vectors.ts'),
    INTRODUCTION,
    `\n## Amplification: ${AMPLIFIERS.length} services\n\n`,
    'Each is `<name>-amplification`; for FastNetMon and prefixd it is `udp_flood` over `udp`. Answers that were asked for',
    ' are none, whatever they look like. Trailing fragments belong to the service whose first fragments were seen.\n\n',
    table(
      ['name', 'service', 'UDP port', 'bytes on average', 'payload', 'published factor'],
      AMPLIFIERS.map(({ name, service, port, meanBytes, proves, factor }) => [
        name,
        service,
        String(port),
        `${meanBytes} or more`,
        proves,
        factor,
      ]),
    ),
    '\n\n## Everything else\n\n',
    table(
      [
        'name',
        'condition',
        'share',
        'proved by',
        'FastNetMon type',
        'FastNetMon protocol',
        'prefixd',
        'match',
      ],
      plain.map(cellsOf),
    ),
    '\n',
  ].join('')
}

const cellsOf = ({ name, condition, minimumShare, fields, fastnetmon, prefixd, match }: Vector): string[] => [
  name,
  condition,
  `${minimumShare * 100} %`,
  fields.join(', '),
  fastnetmon.type,
  fastnetmon.protocol,
  prefixd,
  matchText(match),
]

/** What a rule against it could match, in words. */
function matchText({ protocol, sourcePort, lengths, tcpFlags, fragments, icmpType }: VectorMatch): string {
  const bits = (value: number) => `0x${value.toString(16)}`
  return [
    protocol === undefined ? [] : [`protocol ${protocol}`],
    sourcePort === undefined ? [] : [`source port ${sourcePort}`],
    lengths === undefined ? [] : [`length ${lengths.from} to ${lengths.to}`],
    tcpFlags === undefined ? [] : [`flags & ${bits(tcpFlags.mask)} = ${bits(tcpFlags.value)}`],
    fragments === undefined ? [] : [`${fragments} fragment`],
    icmpType === undefined ? [] : [`ICMP type ${icmpType}`],
  ]
    .flat()
    .join(', ')
}

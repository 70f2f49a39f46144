// What is sent to the collectors side by side: one exporter and one host of ours per case, and the totals that it tells of.

import {
  fieldsOf,
  ipfix,
  netflow5,
  netflow9,
  number,
  optionsTemplate,
  optionsTemplate9,
  record5,
  set,
  template,
} from '#2-decode/flow-exports-for-tests.ts'
import { discardSample, flowSample, header, sflow } from '#2-decode/sflow/sflow-for-tests.ts'
import { buildFrame } from '../../lab/frame.ts'

export type Oracle = 'fastnetmon' | 'nfdump'

export interface FlowCase {
  readonly name: string
  readonly kind: 'netflow' | 'sflow'
  /** In the order in which they are sent. */
  readonly datagrams: readonly (readonly number[])[]
  readonly host: string
  readonly direction: 'incoming' | 'outgoing'
  /** What the datagrams tell of, by their specification. */
  readonly packets: number
  readonly bytes: number
  /** Why an oracle counts something else. */
  readonly differs: Partial<Record<Oracle, string>>
}

const DATAGRAMS = 20
const RECORDS = 10
/** Bytes of a packet. */
const MEAN = 1000
const PACKETS = 200_000
const BYTES = PACKETS * MEAN

const times = <Item>(count: number, make: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => make(at))

interface Ends {
  readonly host: string
  readonly direction: 'incoming' | 'outgoing'
  readonly source: readonly number[]
  readonly target: readonly number[]
}

const OUTSIDE4 = [198, 18, 0, 7]
const PREFIX6 = [0x20, 1, 0xd, 0xb8]
const OUTSIDE6 = [...PREFIX6, 0xff, 0xff, ...number(7, 10)]

/** Ends of a case's packets: a host of ours by its number, and one outside. */
function ends(at: number, direction: Ends['direction'] = 'incoming', family: 4 | 6 = 4): Ends {
  const ours = family === 4 ? [10, 99, 1, at] : [...PREFIX6, 0, 0x99, ...number(at, 10)]
  const outside = family === 4 ? OUTSIDE4 : OUTSIDE6
  const host = family === 4 ? `10.99.1.${at}` : `2001:db8:99::${at.toString(16)}`
  const [source, target] = direction === 'incoming' ? [outside, ours] : [ours, outside]
  return { host, direction, source, target }
}

const told = { packets: PACKETS, bytes: BYTES } as const
const place = ({ host, direction }: Ends): Pick<FlowCase, 'host' | 'direction'> => ({ host, direction })

function case5(name: string, end: Ends, rate = 1): FlowCase {
  const packets = PACKETS / DATAGRAMS / RECORDS / rate
  const record = [...end.source, ...end.target, ...record5({ packets, bytes: packets * MEAN }).slice(8)]
  return {
    name,
    kind: 'netflow',
    ...place(end),
    ...told,
    differs: {},
    datagrams: times(DATAGRAMS, at =>
      netflow5(
        times(RECORDS, () => record),
        {
          sequence: at * RECORDS,
          // The upper two bits are the mode: 1 of N, N in the others.
          sampling: rate === 1 ? 0 : 0x4000 | rate,
        },
      ),
    ),
  }
}

const TEMPLATE = 256
const OPTIONS = 300
const AFTER_ADDRESSES = ':2 11:2 4:1 6:1 2:8 1:8'
const fields4 = fieldsOf(`8:4 12:4 7${AFTER_ADDRESSES}`)
const fields6 = fieldsOf(`27:16 28:16 7${AFTER_ADDRESSES}`)

interface Options {
  readonly rate?: number
  readonly datagrams?: number
  /** What the rate is told of, element and length; default: a domain. */
  readonly scope?: readonly [element: number, bytes: number]
  /** Elements of the options that tell the rate, with their values. */
  readonly sampling?: readonly (readonly [element: number, value: number])[]
  /** Elements beside the usual ones, with their values. */
  readonly more?: readonly (readonly [element: number, value: number])[]
  readonly isLate?: boolean
  readonly differs?: FlowCase['differs']
}

/** Bytes of a forwarding status, of the algorithm of a selector, and of the others. */
const lengthOf = (element: number, usual: number): number =>
  element === 89 ? 1 : element === 304 ? 2 : usual

/** A case of v9 or IPFIX: the template, what tells the rate, and the records. */
function templateCase(name: string, version: 9 | 10, end: Ends, options: Options = {}): FlowCase {
  const { rate = 1, datagrams = DATAGRAMS, sampling = [], more = [], scope = [149, 4] } = options
  const packets = PACKETS / datagrams / RECORDS / rate
  const fields = [
    ...(end.source.length === 4 ? fields4 : fields6),
    ...more.map(([element]) => [element, lengthOf(element, 8)] as const),
  ]
  const record = [
    ...[...end.source, ...end.target],
    ...[...number(1900, 2), ...number(80, 2), 17, 0],
    ...[...number(packets, 8), ...number(packets * MEAN, 8)],
    ...more.flatMap(([element, value]) => number(value, lengthOf(element, 8))),
  ]
  const data = set(
    TEMPLATE,
    times(RECORDS, () => record),
  )
  const teach = set(version === 9 ? 0 : 2, [template(TEMPLATE, fields)])
  const elements = sampling.map(([element]) => [element, lengthOf(element, 4)] as const)
  const rates =
    version === 9
      ? set(1, [optionsTemplate9(OPTIONS, [[1, 4]], elements)], 2)
      : set(3, [optionsTemplate(OPTIONS, [scope], elements)])
  const value = set(OPTIONS, [
    [...number(7, scope[1]), ...sampling.flatMap(([element, told]) => number(told, lengthOf(element, 4)))],
  ])
  const first = [teach, ...(sampling.length === 0 ? [] : [rates, value])]
  const wholes = times(datagrams, () => [data])
  const messages = options.isLate === true ? [...wholes, first] : [first, ...wholes]
  let sequence = 0
  return {
    name,
    kind: 'netflow',
    ...place(end),
    ...told,
    differs: options.differs ?? {},
    datagrams: messages.map(sets => {
      const isData = sets[0] === data
      const made =
        version === 9
          ? netflow9(sets, { sequence, stated: isData ? RECORDS : sets.length })
          : ipfix(sets, { sequence })
      sequence += version === 9 ? 1 : isData ? RECORDS : sampling.length === 0 ? 0 : 1
      return made
    }),
  }
}

const SAMPLES = 8
const SFLOW_RATE = PACKETS / DATAGRAMS / SAMPLES

interface SflowOptions {
  /** Whether the samples are of discarded packets. */
  readonly isDiscard?: boolean
  /** Form and value of the output interface. */
  readonly output?: readonly [form: number, value: number]
  readonly differs?: FlowCase['differs']
}

/** A case of sFlow: samples of packets of so many bytes, the check sequence left out. */
function caseSflow(
  name: string,
  end: Ends,
  { isDiscard = false, output = [0, 4], differs = {} }: SflowOptions = {},
): FlowCase {
  const isIpv4 = end.source.length === 4
  const outside = isIpv4 ? '198.18.0.7' : '2001:db8:ffff::7'
  const [source, target] = end.direction === 'incoming' ? [outside, end.host] : [end.host, outside]
  const heads = 14 + (isIpv4 ? 20 : 40) + 8
  const packet = buildFrame([
    { kind: 'ethernet' },
    { kind: isIpv4 ? 'ipv4' : 'ipv6', source, target },
    { kind: 'udp', sourcePort: 1900, targetPort: 4000 },
    { kind: 'payload', bytes: MEAN - heads },
  ])
  const record = header([...packet.slice(0, 128)], { frameLength: packet.length + 4 })
  const datagrams = isDiscard ? DISCARD_DATAGRAMS : DATAGRAMS
  const packets = isDiscard ? datagrams * SAMPLES : PACKETS
  const each = (sequence: number): number[] =>
    isDiscard
      ? discardSample([record], { sequence })
      : flowSample([record], { rate: SFLOW_RATE, sequence, drops: 3, output })
  return {
    name,
    kind: 'sflow',
    ...place(end),
    packets,
    bytes: packets * MEAN,
    differs,
    datagrams: times(datagrams, at =>
      sflow(
        times(SAMPLES, number => each(at * SAMPLES + number + 1)),
        { sequence: at + 1 },
      ),
    ),
  }
}

const DISCARD_DATAGRAMS = 100

const share = PACKETS / DATAGRAMS / RECORDS / 10

const LATE =
  'It drops data whose template it does not know yet; RFC 3954, 9, wants it kept until the template is there.'
const LATE_IPFIX =
  'It drops data whose template it does not know yet; Floodwarden keeps it for a moment, as that of v9.'
const UNTAKEN =
  'It does not take the rate from there and counts what is told once; RFC 5477, 8.2: 1 packet is taken, then 99 are left out.'
const DISCARDED =
  'It does not know samples of discarded packets (format 5 of the sFlow Dropped Packet Notification Structures).'
const both = (reason: string): FlowCase['differs'] => ({ fastnetmon: reason, nfdump: reason })
/** Forwarding status: dropped, for a reason that is not known. */
const DROPPED = 0x80

export const FLOW_CASES: readonly FlowCase[] = [
  case5('NetFlow v5', ends(1)),
  case5('NetFlow v5, outgoing', ends(2, 'outgoing')),
  case5('NetFlow v5, 1 of 100 by its head', ends(3), 100),
  templateCase('NetFlow v9', 9, ends(4)),
  templateCase('NetFlow v9, outgoing', 9, ends(5, 'outgoing')),
  templateCase('NetFlow v9, IPv6', 9, ends(6, 'incoming', 6)),
  templateCase('NetFlow v9, 1 of 100 by element 34', 9, ends(7), { rate: 100, sampling: [[34, 100]] }),
  templateCase('NetFlow v9, the template comes late', 9, ends(8), {
    datagrams: 5,
    isLate: true,
    differs: both(LATE),
  }),
  templateCase('NetFlow v9, dropped by its forwarding status', 9, ends(20), { more: [[89, DROPPED]] }),
  templateCase('IPFIX', 10, ends(9)),
  templateCase('IPFIX, IPv6, outgoing', 10, ends(10, 'outgoing', 6)),
  templateCase('IPFIX, 1 of 100 by element 34', 10, ends(11), { rate: 100, sampling: [[34, 100]] }),
  templateCase('IPFIX, 1 of 100 by a selector, elements 302 and 304 to 306', 10, ends(19), {
    rate: 100,
    scope: [302, 8],
    more: [[302, 7]],
    differs: both(UNTAKEN),
    sampling: [
      [304, 1],
      [305, 1],
      [306, 99],
    ],
  }),
  templateCase('IPFIX, 1 of 100 by elements 305 and 306', 10, ends(12), {
    rate: 100,
    differs: { fastnetmon: UNTAKEN },
    sampling: [
      [305, 1],
      [306, 99],
    ],
  }),
  templateCase('IPFIX, a tenth of it dropped', 10, ends(13), {
    more: [
      [133, share],
      [132, share * MEAN],
    ],
  }),
  templateCase('IPFIX, the template comes late', 10, ends(14), {
    datagrams: 5,
    isLate: true,
    differs: both(LATE_IPFIX),
  }),
  caseSflow('sFlow', ends(15)),
  caseSflow('sFlow, IPv6', ends(16, 'incoming', 6)),
  caseSflow('sFlow, outgoing', ends(17, 'outgoing')),
  caseSflow('sFlow, dropped by its output interface', ends(21), { output: [1, 258] }),
  caseSflow('sFlow, discarded packets', ends(18), { isDiscard: true, differs: both(DISCARDED) }),
]

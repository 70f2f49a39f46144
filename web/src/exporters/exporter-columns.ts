// Tables of exporters and of their interfaces.

import type { Exporter, ExporterInterface } from '#api/contract/exporters.ts'
import { isSilent } from '../lib/attention.ts'
import { bitsText, bytesText, countText, packetsText, shareText } from '../lib/rate-text.ts'
import type { Column, Tone } from '../lib/table-view.ts'

/** What needs somebody, in words; empty: nothing. */
export function troubleOf(exporter: Exporter, now: number): string[] {
  const { lostDatagrams, lostRecords, malformed, unknownTemplates, waiting, looked, domains } = exporter
  return [
    ...(isSilent(exporter, now) ? ['silent'] : []),
    ...(lostDatagrams > 0 ? [`${countText(lostDatagrams)} datagrams lost`] : []),
    ...(lostRecords > 0 ? [`${countText(lostRecords)} records lost`] : []),
    ...(malformed > 0 ? [`${countText(malformed)} malformed`] : []),
    ...(waiting > 0 || unknownTemplates > 0
      ? [`${countText(unknownTemplates)} sets without a template`]
      : []),
    ...(domains.some(({ samplingRateFrom }) => samplingRateFrom === 'none')
      ? ['sampling rate not known']
      : []),
    ...(looked.records > 100 && looked.other > looked.records / 2 ? ['mostly foreign traffic'] : []),
    ...(looked.bothWays > 0 || looked.alsoFrom.length > 0 ? ['flows told of twice'] : []),
  ]
}

const number = <Row>(
  key: string,
  title: string,
  value: (row: Row) => number,
  text: (value: number) => string = countText,
): Column<Row> => ({
  ...{ key, title, isNumber: true, width: '9.5rem' },
  ...{ text: row => text(value(row)), order: value, csv: value },
})

const rates = (exporter: Exporter): string =>
  [...new Set(exporter.domains.map(({ samplingRate }) => samplingRate))].map(rate => `1 : ${rate}`).join(', ')

/** `now`: ms since 1970; `moment`: as the reader wants times. */
export const exporterColumns = (now: number, moment: (at: string) => string): readonly Column<Exporter>[] => [
  {
    ...{ key: 'address', title: 'Address', width: '11rem', text: ({ address }) => address },
    href: ({ address }) => `/exporters/${encodeURIComponent(address)}`,
  },
  { key: 'name', title: 'Name', text: ({ name }) => name, width: '7rem' },
  { key: 'site', title: 'Site', text: ({ site }) => site, width: '5rem', isMinor: true },
  {
    ...{ key: 'protocols', title: 'Speaks', width: '7rem', isMinor: true },
    text: ({ domains }) => [...new Set(domains.map(({ protocol }) => protocol))].join(', '),
  },
  { key: 'rate', title: 'Sampling', text: rates, width: '7rem', isMinor: true },
  {
    ...{ key: 'seen', title: 'Last heard', width: '13rem', order: ({ lastSeen }) => lastSeen },
    ...{ text: ({ lastSeen }) => moment(lastSeen), csv: ({ lastSeen }) => lastSeen },
    tone: row => (isSilent(row, now) ? 'danger' : undefined),
  },
  { ...number<Exporter>('records', 'Records', ({ records }) => records), width: '7rem' },
  { ...number<Exporter>('lost', 'Lost', row => row.lostDatagrams + row.lostRecords), width: '7rem' },
  {
    ...{ key: 'trouble', title: 'Look at', width: '20rem' },
    text: row => troubleOf(row, now).join(', '),
  },
]

/** An interface of the exporter itself has no index of its own (sFlow). */
const indexText = (index: number): string => (index === 0x3fff_ffff ? 'internal' : String(index))

/** How full a link is, from 0 to 1; undefined: its speed or its rate is not known. */
export function loadOf({ counters }: ExporterInterface, way: 'in' | 'out'): number | undefined {
  const rate = way === 'in' ? counters?.inBitsPerSecond : counters?.outBitsPerSecond
  const speed = counters?.speedBitsPerSecond ?? 0
  return rate === undefined || speed === 0 ? undefined : rate / speed
}

function stateOf({ counters }: ExporterInterface): string {
  if (counters === undefined) return ''
  if (counters.isUp) return 'up'
  return counters.isAdministrativelyUp ? 'down' : 'switched off'
}
const stateTone = (row: ExporterInterface): Tone | undefined =>
  stateOf(row) === 'down' ? 'danger' : undefined

const optional = (
  key: string,
  title: string,
  value: (row: ExporterInterface) => number | undefined,
  text: (value: number) => string,
): Column<ExporterInterface> => ({
  ...{ key, title, isNumber: true, width: '9rem', isMinor: true },
  text: row => {
    const found = value(row)
    return found === undefined ? '' : text(found)
  },
  ...{ order: row => value(row) ?? -1, csv: row => value(row) ?? '' },
})

export const INTERFACE_COLUMNS: readonly Column<ExporterInterface>[] = [
  {
    ...{ key: 'index', title: 'Interface', width: '7rem' },
    ...{ text: ({ index }) => indexText(index), order: ({ index }) => index },
  },
  { key: 'state', title: 'State', text: stateOf, tone: stateTone, width: '8rem' },
  optional('speed', 'Speed', ({ counters }) => counters?.speedBitsPerSecond, bitsText),
  number('inBits', 'In, records', ({ incoming }) => incoming.bitsPerSecond, bitsText),
  number('outBits', 'Out, records', ({ outgoing }) => outgoing.bitsPerSecond, bitsText),
  number('inPackets', 'In, records', ({ incoming }) => incoming.packetsPerSecond, packetsText),
  number('outPackets', 'Out, records', ({ outgoing }) => outgoing.packetsPerSecond, packetsText),
  optional('inTold', 'In, itself', ({ counters }) => counters?.inBitsPerSecond, bitsText),
  optional('outTold', 'Out, itself', ({ counters }) => counters?.outBitsPerSecond, bitsText),
  optional('inLoad', 'In load', row => loadOf(row, 'in'), shareText),
  optional('outLoad', 'Out load', row => loadOf(row, 'out'), shareText),
  number('inBytes', 'In, all', ({ incoming }) => incoming.bytes, bytesText),
  number('outBytes', 'Out, all', ({ outgoing }) => outgoing.bytes, bytesText),
  optional('errors', 'Errors', ({ counters }) => sum(counters?.inErrors, counters?.outErrors), countText),
  optional(
    'discards',
    'Discards',
    ({ counters }) => sum(counters?.inDiscards, counters?.outDiscards),
    countText,
  ),
]

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0)

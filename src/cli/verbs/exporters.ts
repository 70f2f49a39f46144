// `exporters`: who sends flow telemetry, what was made of it, and what was lost.

import type { Command } from 'commander'
import type { Exporter, ExporterDomain, Exporters, TelemetryListener } from '#api/contract/exporters.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { grouped } from '#lib/number-text.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { wholeNumber } from '../parse.ts'
import { table } from '../table.ts'

interface ExportersFlags extends AskFlags {
  readonly limit: number
}

const EXAMPLES = ['exporters', 'exporters --json']

export function addExporters(program: Command, context: Context): void {
  const summary = 'list who sends flow telemetry: rates, losses, templates, sampling, clocks'
  addState(addJson(addVerb(program, 'exporters', summary, EXAMPLES)))
    .option('--limit <count>', 'at most so many', wholeNumber(1, 5000), 1000)
    .action((flags: ExportersFlags) =>
      ask(context, flags, ROUTES.exporters, { limit: flags.limit }, exportersText),
    )
}

export function exportersText(answer: Exporters): string {
  const { listeners, exporters, total, refused, refusedDatagrams } = answer
  if (listeners.length === 0)
    return 'No flow telemetry is received: telemetry.listen names no address and port.\n'
  const parts = [table([LISTENER_HEAD, ...listeners.map(listenerRow)], [1, 3, 4])]
  if (exporters.length === 0) parts.push('No exporter has sent anything yet: floodwarden doctor tells why.\n')
  else parts.push(table([HEAD, ...exporters.map(exporterRow)], [2, 3, 4, 5, 6]))
  const domains = exporters.flatMap(exporter => exporter.domains.map(domain => domainRow(exporter, domain)))
  if (domains.length > 0) parts.push(table([DOMAIN_HEAD, ...domains], [2, 3, 5, 6, 7, 8]))
  if (total > exporters.length) parts.push(`and ${grouped(total - exporters.length)} more\n`)
  if (refusedDatagrams > 0) {
    const names = refused.map(({ address, datagrams }) => [address, `${grouped(datagrams)} datagrams`])
    parts.push(`refused, because they are not in telemetry.exporters:\n${table(names)}`)
  }
  return parts.join('\n')
}

const LISTENER_HEAD = ['listening on', 'worker', 'how', 'datagrams', 'dropped', 'problem']
const listenerRow = ({ listen, worker, receiver, datagrams, dropped, problem = '' }: TelemetryListener) => [
  ...[listen, String(worker), receiver, grouped(datagrams), grouped(dropped), problem],
]

const HEAD = ['exporter', 'name', 'datagrams', 'records', 'malformed', 'no template', 'lost', 'last seen']
function exporterRow(exporter: Exporter): string[] {
  const { address, name, site, datagrams, records, malformed, unknownTemplates, lastSeen } = exporter
  const label = site === '' ? name : `${name} (${site})`.trim()
  const numbers = [datagrams, records, malformed, unknownTemplates].map(number => grouped(number))
  return [address, label, ...numbers, lostText(exporter), momentText(Date.parse(lastSeen))]
}

/** `12 datagrams`, `340 records`, or both. */
function lostText({ lostDatagrams, lostRecords }: Pick<Exporter, 'lostDatagrams' | 'lostRecords'>): string {
  const parts = [
    ...(lostDatagrams > 0 ? [`${grouped(lostDatagrams)} datagrams`] : []),
    ...(lostRecords > 0 ? [`${grouped(lostRecords)} records`] : []),
  ]
  return parts.length === 0 ? '0' : parts.join(', ')
}

const DOMAIN_HEAD = [
  ...['exporter', 'protocol', 'domain', 'sampling', 'says who', 'templates', 'longest', 'skew', 'lost'],
]
const domainRow = ({ address }: Exporter, domain: ExporterDomain): string[] => [
  address,
  domain.protocol,
  String(domain.id),
  `1:${Number(domain.samplingRate.toPrecision(6))}`,
  domain.samplingRateFrom,
  grouped(domain.templates),
  `${grouped(domain.longestSeconds)} s`,
  `${grouped(domain.skewSeconds, 1)} s`,
  lostText(domain),
]

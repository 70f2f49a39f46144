// One thing in full: an attack, a mitigation, an exporter or a host, as lines of any length.

import type { Attack, Measure } from '#api/contract/attack.ts'
import type { Explanation, LimitState } from '#api/contract/explain.ts'
import type { Exporter } from '#api/contract/exporters.ts'
import { measureState } from '#api/contract/measure-state.ts'
import { targetText } from '#api/contract/target-text.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { grouped, percentText } from '#lib/number-text.ts'
import { harmless } from '../cells.ts'
import { megabits, type Row, whatText } from './rows.ts'
import type { ConsoleState, Facts } from './state.ts'

/** What is known of a row; not wrapped and not cut. */
export function detailLines(state: ConsoleState, facts: Facts, row: Row | undefined, key: string): string[] {
  if (row === undefined) return ['It is no longer there.']
  return linesOf(state, facts, row, key).map(harmless)
}

function linesOf({ pane }: ConsoleState, facts: Facts, row: Row, key: string): string[] {
  if (pane === 'exporters') {
    const all = facts.exporters?.kind === 'told' ? facts.exporters.value.exporters : []
    const exporter = all.find(({ address }) => address === key)
    return exporter === undefined ? [] : exporterLines(exporter)
  }
  const mitigations = facts.mitigations?.kind === 'told' ? facts.mitigations.value : []
  const mitigation = pane === 'mitigations' ? mitigations.find(({ id }) => id === key) : undefined
  const own = mitigation === undefined ? [] : [`Mitigation ${mitigation.id}`, ...measureLines(mitigation), '']
  return [...own, ...explained(facts, row.subject)]
}

function explained({ explanation }: Facts, subject: string | undefined): string[] {
  if (explanation === undefined || explanation.subject !== subject) return ['asking ...']
  const { told } = explanation
  return told.kind === 'refused' ? [told.why] : explanationLines(told.value)
}

function explanationLines({ subject, verdict, attack, now }: Explanation): string[] {
  return [
    `${subject}: ${verdict}`,
    ...(attack === undefined ? [] : ['', ...attackLines(attack)]),
    ...(now === undefined
      ? []
      : [
          '',
          `${now.host} now, in hostgroup ${now.hostgroup}`,
          `  incoming ${grouped(now.incoming.packets)} pps, ${megabits(now.incoming.bits)} mbps, ${grouped(now.incoming.flows)} flows/s`,
          `  outgoing ${grouped(now.outgoing.packets)} pps, ${megabits(now.outgoing.bits)} mbps, ${grouped(now.outgoing.flows)} flows/s`,
          ...now.limits.map(limitLine),
          ...now.bursts.map(({ why }) => `  borne: ${why}`),
        ]),
  ]
}

function limitLine({ limit, direction, threshold, value, source }: LimitState): string {
  const is = value === undefined ? '' : `, now ${grouped(Math.round(value))}`
  return `  limit ${direction} ${limit}: ${grouped(threshold)}${is}${source === undefined ? '' : ` (${source})`}`
}

export function attackLines(attack: Attack): string[] {
  const ended = attack.endedAt === undefined ? '' : `, ended ${momentText(Date.parse(attack.endedAt))}`
  return [
    `Attack ${attack.id} on ${targetText(attack)}, ${attack.direction}: ${whatText(attack)}`,
    `  peak ${grouped(attack.peak)} pps, since ${momentText(Date.parse(attack.openedAt))}${ended}`,
    ...(attack.prefixes.length > 1 ? [`  prefixes: ${attack.prefixes.join(' ')}`] : []),
    ...(attack.customer === undefined ? [] : [`  customer: ${attack.customer}`]),
    `  why: ${attack.why}`,
    `  decision: ${attack.decision}`,
    ...(attack.finding?.parts ?? []).flatMap(({ vector, reasons }) =>
      reasons.map(reason => `  ${vector}: ${reason}`),
    ),
    ...(attack.proposed === undefined ? [] : [`  proposed: ${attack.proposed.text}`]),
    ...(attack.proposed?.rules ?? []).map(
      ({ rule, attack: taken }) => `    ${rule}: takes ${percentText(Math.round(taken.share * 1000) / 10)}`,
    ),
    ...attack.mitigations.flatMap(each => [
      '',
      `  Mitigation ${each.id}`,
      ...measureLines(each).map(line => `  ${line}`),
    ]),
  ]
}

function measureLines(each: Measure): string[] {
  const until = each.isStanding ? 'until somebody ends it' : `until ${momentText(Date.parse(each.expiresAt))}`
  return [
    `  ${each.does}`,
    `  ${measureState(each)}${each.isDryRun ? '' : ` by ${each.enforcer}`}, since ${momentText(Date.parse(each.createdAt))}, ${until}`,
    `  because: ${each.reason}`,
    ...(each.error === undefined ? [] : [`  failed: ${each.error}`]),
  ]
}

function exporterLines(exporter: Exporter): string[] {
  const number = (name: string, value: number) => (value === 0 ? [] : [`  ${name}: ${grouped(value)}`])
  return [
    `Exporter ${exporter.address}${exporter.name === '' ? '' : ` ${exporter.name}`}${exporter.site === '' ? '' : ` at ${exporter.site}`}`,
    `  last seen ${momentText(Date.parse(exporter.lastSeen))}`,
    `  ${grouped(exporter.datagrams)} datagrams, ${grouped(exporter.records)} records, ${grouped(exporter.counted)} counted`,
    ...number('lost datagrams', exporter.lostDatagrams),
    ...number('lost records', exporter.lostRecords),
    ...number('malformed', exporter.malformed),
    ...number('of unknown protocol', exporter.unknownProtocol),
    ...number('sets without a template', exporter.unknownTemplates),
    ...number('not counted', exporter.notCounted),
    ...exporter.domains.flatMap(domain => [
      '',
      `  ${domain.protocol}, source ${domain.id}`,
      `    sampling 1:${grouped(domain.samplingRate)} (${domain.samplingRateFrom}), ${grouped(domain.templates)} templates`,
      `    lost ${grouped(domain.lostDatagrams)} datagrams and ${grouped(domain.lostRecords)} records, clock ${domain.skewSeconds} s apart`,
    ]),
  ]
}

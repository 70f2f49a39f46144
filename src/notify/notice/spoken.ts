// What a service is to say, whoever made it: a notice of ours, or an alert in prefixd's words.

import type { Severity } from '#6-policy/severity.ts'
import type { Alert, Severity as Level } from '../webhook/alert.ts'
import { facts as alertFacts, isEnd, keyOf } from '../webhook/alert.ts'
import { isLast, type Notice } from './notice.ts'
import { durationText, type NoticeWords, sizeText } from './words.ts'

export interface Spoken {
  readonly title: string
  readonly text: string
  readonly level: Level
  /** Names and values for people, the important ones first. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  /** What belongs together has one. */
  readonly key: string
  readonly isEnd: boolean
  /** The kind of thing that is told, for machines. */
  readonly event: string
  /** Who is attacked. */
  readonly about: string | undefined
  readonly source: string
  /** RFC 3339. */
  readonly timestamp: string
  /** A name of it for people, and a page about it. */
  readonly reference: readonly [name: string, value: string] | undefined
  readonly link: string | undefined
  /** For machines. */
  readonly details: Readonly<Record<string, string | number | undefined>>
  /** PagerDuty knows one level more than others, and Opsgenie two. */
  readonly severity: Severity
}

export function spokenOfAlert(alert: Alert): Spoken {
  const { title, message, severity, event_type, victim_ip, vector, customer_id, action_type, pop } = alert
  const id = alert.mitigation_id
  return {
    ...{ title, text: message, level: severity, facts: alertFacts(alert), key: keyOf(alert) },
    ...{ isEnd: isEnd(alert), event: event_type, about: victim_ip, source: alert.source },
    ...{ timestamp: alert.timestamp, link: undefined, severity: OF_LEVEL[severity] },
    reference: id === undefined ? undefined : ['Mitigation', id],
    details: { event_type, victim_ip, vector, customer_id, action_type, pop },
  }
}

const OF_LEVEL: Readonly<Record<Level, Severity>> = { info: 'low', warning: 'medium', critical: 'critical' }
const LEVEL: Readonly<Record<Severity, Level>> = {
  ...{ low: 'info', medium: 'warning', high: 'warning', critical: 'critical' },
}

export function spokenOf(notice: Notice, { title, text }: NoticeWords, link: string | undefined): Spoken {
  const { kind, severity, group, at, around, listed } = notice
  return {
    ...{ title: oneLine(title), text, severity, key: group, isEnd: isLast(notice), event: kind },
    level: isLast(notice) ? 'info' : LEVEL[severity],
    facts: factsOf(notice),
    about: around ?? listed[0]?.target,
    ...{ source: 'floodwarden', timestamp: new Date(at).toISOString(), link },
    reference: listed[0] === undefined ? undefined : ['Attack', listed[0].id],
    details: {
      ...{ kind, severity, customer: notice.customer, network: notice.network, direction: notice.direction },
      ...{ vectors: notice.vectors.join(', '), attacks: notice.attacks, open: notice.open, around },
      ...{ packets_per_second: notice.packetsPerSecond, bits_per_second: notice.bitsPerSecond },
      ...{ targets: listed.map(({ target }) => target).join(', ') },
    },
  }
}

const SHOWN_MAX = 10

function factsOf(notice: Notice): readonly (readonly [string, string])[] {
  const { kind, listed, attacks, open, vectors, customerName, customer, network, hostgroups } = notice
  if (kind === 'reloaded' || kind === 'trouble' || kind === 'test') return [['Severity', notice.severity]]
  const shown = listed.slice(0, SHOWN_MAX).map(({ target }) => target)
  const more = attacks - shown.length
  const all: readonly (readonly [string, string | undefined])[] = [
    ['Severity', notice.severity],
    [attacks > 1 ? 'Targets' : 'Target', `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`],
    ['Vector', vectors.join(', ')],
    ['Customer', customerName ?? customer],
    ['Network', network],
    ['Hostgroup', hostgroups.filter(name => name !== 'global').join(', ')],
    ['Packets', notice.packetsPerSecond > 0 ? sizeText(notice.packetsPerSecond, 'packets/s') : undefined],
    ['Traffic', notice.bitsPerSecond > 0 ? sizeText(notice.bitsPerSecond, 'bit/s') : undefined],
    ['Open', attacks > 1 ? `${open} of ${attacks}` : undefined],
    ['Since', kind === 'opened' || kind === 'refused' ? undefined : sinceText(notice)],
  ]
  return all.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value] as const]))
}

const sinceText = ({ openedAt, at }: Notice): string =>
  `${new Date(openedAt).toISOString()} (${durationText(Math.max(0, at - openedAt) / 1000)})`

/** A subject is one line, whatever a template or a name holds. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 250)

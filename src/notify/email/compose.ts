// The mails about an attack: one when it opens, one when its packets are there, one (if wanted) when it is over.

import type { Attack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import { reportOf, whyOpened } from '#5-evidence/report.ts'
import { banText, countersText, detailsText, type TextStyle } from '#5-evidence/report-text.ts'

export interface Mail {
  /** The same for each try, so that a mail that came twice is recognised: the left side of its Message-ID. */
  readonly id: string
  /** The mail this one belongs to. */
  readonly about?: string | undefined
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  readonly subject: string
  readonly text: string
  /** The same in HTML; missing: it is plain text alone. */
  readonly html?: string | undefined
}

/** What was decided about an attack: `blocked`, `would be blocked` in a dry run, or `not blocked`. */
export type Verdict = 'blocked' | 'would be blocked' | 'not blocked'

export interface Told {
  readonly attack: Attack
  readonly verdict: Verdict
  /** In one sentence. */
  readonly decision: string
  readonly flows: readonly FlowSection[]
  readonly packets: readonly PacketRecord[]
}

export type MailKind = 'opened' | 'details' | 'ended'

/** A mail stays readable: of more packets the rest is only counted. */
const PACKETS_MAX = 500

export function composeMail(kind: MailKind, told: Told, style: TextStyle, at: number): Mail {
  const id = mailId(told.attack, kind)
  const about = kind === 'opened' ? undefined : mailId(told.attack, 'opened')
  return { id, about, at, subject: subjectOf(kind, told), text: TEXT[kind](told, style) }
}

/** Attack ids are ours, but what stands in a header is checked where it is made. */
const mailId = ({ id }: Attack, kind: MailKind): string => `${id.replaceAll(/[^A-Za-z0-9.-]/g, '-')}.${kind}`

function subjectOf(kind: MailKind, { attack, verdict }: Told): string {
  const { host, direction, origin } = attack
  const name = verdict === 'would be blocked' ? 'Floodwarden (dry run)' : 'Floodwarden'
  switch (kind) {
    case 'opened':
      if (origin === 'manual') return `${name}: IP ${host} ${verdict}, asked for by hand`
      return `${name}: IP ${host} ${verdict} because ${direction} attack with power ${powerText(attack)}`
    case 'details':
      return `${name}: IP ${host} attack details, ${direction}, peak ${whole(attack.peak)} pps`
    case 'ended':
      return `${name}: IP ${host} ${direction} attack is over, peak ${whole(attack.peak)} pps`
  }
}

const whole = (value: number): number => Math.floor(value)

/** Packets and bits: whoever limits bits wants to read bits. */
export function powerText({ power, speeds, direction }: Attack): string {
  const bytes = direction === 'outgoing' ? speeds.outgoing.bytes : speeds.incoming.bytes
  return `${whole(power)} pps, ${whole((bytes * 8) / 1e6)} mbps`
}

const TEXT: Readonly<Record<MailKind, (told: Told, style: TextStyle) => string>> = {
  opened(told, style) {
    const { attack, flows } = told
    return `${headOf(told)}\n${banText(reportOf({ attack, flows, packets: [] }), style)}\n`
  },
  details(told, style) {
    const { attack, packets } = told
    const report = reportOf({ attack, flows: [], packets: packets.slice(0, PACKETS_MAX) })
    const more = packets.length - report.packets.length
    return `${headOf(told)}\n${detailsText(report, style)}${more > 0 ? `and ${more} more packets\n` : ''}`
  },
  ended(told, style) {
    const { attack } = told
    const by = attack.state === 'ended' ? attack.endedBy : 'nobody'
    const how = by === 'finished' ? 'its time is over and so is the flood' : `ended by ${by}`
    return `The attack is over: ${how}.\n\n${countersText(reportOf({ attack, flows: [], packets: [] }), style)}`
  },
}

const headOf = ({ attack, decision, verdict }: Told): string =>
  [
    `Attack ${attack.id}, hostgroup ${attack.hostgroup}.`,
    `Why: ${whyOpened(attack)}.`,
    `Decision: ${decision}.`,
    ...(verdict === 'would be blocked' ? ['This is a dry run: nothing was done.'] : []),
    '',
  ].join('\n')

/** One line of a summary. */
export function summaryLine(kind: MailKind, { attack, verdict }: Told): string {
  const { host, direction, type } = attack
  switch (kind) {
    case 'opened':
      return `${host} ${verdict}: ${direction} ${type}, ${powerText(attack)}`
    case 'details':
      return `${host} details are there: peak ${whole(attack.peak)} pps`
    case 'ended':
      return `${host} is over: peak ${whole(attack.peak)} pps`
  }
}

export interface Summary {
  readonly id: string
  readonly at: number
  readonly lines: readonly string[]
  /** Beyond the lines. */
  readonly more: number
}

/** What happened beyond the mails of a minute, in one. */
export function composeSummary({ id, at, lines, more }: Summary): Mail {
  const count = lines.length + more
  const rest = more > 0 ? `and ${more} more; floodwarden attacks lists all\n` : ''
  const text = `These mails were joined, because more than notify.email.perMinute were due:\n\n${lines.join('\n')}\n${rest}`
  return { id, at, subject: `Floodwarden: ${count} more messages about attacks`, text }
}

// The incident report: what was attacked, by what, since when, what was done and whether it worked, for paper and for mails.

import type { Attack } from '#api/contract/attack.ts'
import type { Course } from '#api/contract/course.ts'
import { targetText } from '#api/contract/target-text.ts'
import { packetsText, shareText } from '../lib/rate-text.ts'
import { lengthText, momentText, type Zone } from '../lib/time-text.ts'
import { factorText, kindText, limitText, secondsOf } from './attack-words.ts'

export interface ReportSection {
  readonly title: string
  /** Facts: what, and how it is. */
  readonly facts?: readonly (readonly [what: string, how: string])[]
  readonly lines?: readonly string[]
}

/** `now`: ms since 1970. */
export function incidentReport(course: Course, zone: Zone, now: number): readonly ReportSection[] {
  const { attack } = course
  return [
    { title: 'Summary', facts: summaryOf(attack, zone, now) },
    { title: 'Why it was an attack', lines: whyOf(attack) },
    { title: 'What it was', lines: findingLines(attack) },
    ...talliesOf(course),
    { title: 'What happened', lines: momentsOf(course, zone) },
    { title: 'What was done', lines: measuresOf(attack, zone) },
    ...rulesOf(attack),
  ]
}

function summaryOf(attack: Attack, zone: Zone, now: number): NonNullable<ReportSection['facts']> {
  const { direction, peak, openedAt, endedAt, hostgroup, customer, service, pop, id } = attack
  const moment = (at: string) => momentText(at, zone)
  const owner = [customer, service, pop].filter(Boolean).join(', ')
  return [
    ['Target', `${targetText(attack)} (${direction})`],
    ...(owner === '' ? [] : [['Belongs to', owner] as const]),
    ['Hostgroup', hostgroup],
    ['Kind', kindText(attack)],
    ['Opened', moment(openedAt)],
    ['Ended', endedAt === undefined ? 'not yet' : moment(endedAt)],
    ['Lasted', lengthText(Math.round(secondsOf(attack, now)))],
    ['Peak', packetsText(peak)],
    ['Decision', attack.decision],
    ['Id', id],
  ]
}

function whyOf({ why, crossing }: Attack): string[] {
  if (crossing === undefined) return [sentence(why)]
  const { limit, value, threshold, suspicion, interval } = crossing
  const range =
    interval === undefined
      ? []
      : [
          `Counted from samples: between ${limitText(limit, interval.low)} and ${limitText(limit, interval.high)}.`,
        ]
  return [
    sentence(why),
    `${limitText(limit, value)} against ${limitText(limit, threshold)}: ${factorText(crossing)} the limit.`,
    ...range,
    ...(suspicion === undefined
      ? []
      : [
          `Suspicion ${shareText(suspicion.weight)} from ${suspicion.packets} packets: ${suspicion.features.map(({ reason }) => reason).join('; ') || 'nothing spoke for or against it'}.`,
        ]),
  ]
}

function findingLines({ finding }: Attack): string[] {
  if (finding === undefined) return ['Too few packets were seen to name it.']
  return [
    ...finding.parts.map(({ vector, share, reasons }) =>
      sentence([`${vector} ${shareText(share)}`, reasons.join('; ')].filter(Boolean).join(': ')),
    ),
    `Confidence ${shareText(finding.confidence)}, from ${finding.packets} packets.`,
  ]
}

const TALLIES = [
  ['sources', 'Sources'],
  ['sourcePorts', 'Ports they come from'],
  ['targetPorts', 'Ports they go to'],
  ['protocols', 'Protocols'],
  ['lengths', 'Lengths in bytes'],
  ['tcpFlags', 'TCP flags'],
] as const
const TALLY_VALUES = 5

function talliesOf({ tallies }: Course): readonly ReportSection[] {
  if (tallies === undefined) return []
  const facts = TALLIES.flatMap(([name, title]) => {
    const { top, distinct } = tallies.of[name]
    const values = top.slice(0, TALLY_VALUES).map(({ value, share }) => `${value} ${shareText(share)}`)
    const more = distinct > TALLY_VALUES ? `, ${distinct} in all` : ''
    return values.length === 0 ? [] : [[title, `${values.join(', ')}${more}`] as const]
  })
  return [{ title: `Its packets, ${tallies.packets} of them`, facts }]
}

function momentsOf({ moments, momentsLeftOut, isWhole }: Course, zone: Zone): string[] {
  return [
    ...(isWhole ? [] : ['It began before the program did: of that time only what was decided is known.']),
    ...moments.map(
      ({ at, text, by }) => `${momentText(at, zone)}  ${text}${by === undefined ? '' : ` (${by})`}`,
    ),
    ...(momentsLeftOut > 0 ? [`${momentsLeftOut} moments in between were not kept.`] : []),
  ]
}

function measuresOf({ mitigations }: Attack, zone: Zone): string[] {
  if (mitigations.length === 0) return ['Nothing.']
  return mitigations.map(
    ({ does, state, createdAt, enforcer, isDryRun, error }) =>
      `${momentText(createdAt, zone)}  ${does} by ${enforcer}: ${state}${isDryRun ? ', in a dry run' : ''}${error === undefined ? '' : `, ${error}`}`,
  )
}

function rulesOf({ proposed }: Attack): readonly ReportSection[] {
  if (proposed === undefined) return []
  const rules = proposed.rules.map(
    ({ rule, attack, normal }) =>
      `${rule}: takes ${shareText(attack.share)} of the flood${normal === undefined ? '' : ` and ${shareText(normal.share)} of calm traffic`}`,
  )
  return [{ title: 'Rules its packets suggest', lines: rules.length > 0 ? rules : [sentence(proposed.text)] }]
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** The same as plain text. */
export function reportText(title: string, sections: readonly ReportSection[]): string {
  const parts = sections.map(({ title: heading, facts = [], lines = [] }) => {
    const width = Math.max(0, ...facts.map(([what]) => what.length))
    const rows = facts.map(([what, how]) => `${what.padEnd(width)}  ${how}`)
    return [heading, '-'.repeat(heading.length), ...rows, ...lines].join('\n')
  })
  return `${[title, '='.repeat(title.length), '', parts.join('\n\n')].join('\n')}\n`
}

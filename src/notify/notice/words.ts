// A notice in words for people: a title for a subject line, and a text of a few sentences.

import { grouped } from '#lib/number-text.ts'
import type { Notice } from './notice.ts'

export interface NoticeWords {
  readonly title: string
  readonly text: string
}

export function wordsFor(notice: Notice): NoticeWords {
  const dry = notice.isDryRun ? 'Dry run: ' : ''
  switch (notice.kind) {
    case 'opened':
      return { title: `${dry}Attack on ${whom(notice)}`, text: `${speedsOf(notice)}. ${reasonsOf(notice)}` }
    case 'escalated':
      return {
        title: `${dry}Attack on ${whom(notice)} got worse`,
        text: `${speedsOf(notice)}, for ${ageOf(notice)}. ${reasonsOf(notice)}`,
      }
    case 'updated':
      return {
        title: `${dry}Attack on ${whom(notice)} goes on`,
        text: `${speedsOf(notice)}, for ${ageOf(notice)}. ${reasonsOf(notice)}`,
      }
    case 'ended':
      return {
        title: `${dry}Attack on ${whom(notice)} is over`,
        text:
          notice.attacks > 0 && notice.packetsPerSecond > 0
            ? `It lasted ${ageOf(notice)}, with ${sizeText(notice.packetsPerSecond, 'packets/s')} at its peak.`
            : `${sentence(notice.why)}`,
      }
    case 'refused':
      return { title: `Nothing is done about ${whom(notice)}`, text: sentence(notice.why) }
    case 'reloaded':
      return { title: 'Configuration reloaded', text: sentence(notice.why) }
    case 'trouble':
      return { title: 'Floodwarden needs attention', text: sentence(notice.why) }
    case 'test':
      return { title: 'Test message', text: sentence(notice.why) }
  }
}

/** `192.0.2.1`, `12 hosts in 192.0.2.0/24`; with the customer where one is known. */
function whom({ listed, attacks, open, kind, around, customerName, customer }: Notice): string {
  const many = kind === 'ended' || kind === 'opened' ? attacks : open || attacks
  const [largest] = listed.filter(({ isOpen }) => kind === 'ended' || isOpen)
  const where = many > 1 && around !== undefined ? ` in ${around}` : ''
  const target = many > 1 ? `${grouped(many)} targets${where}` : largest?.target || 'somebody'
  const name = customerName ?? customer
  return name === undefined ? target : `${target} (${name})`
}

function speedsOf({ packetsPerSecond, bitsPerSecond, vectors, direction }: Notice): string {
  const what = vectors.slice(0, 3).join(', ') || 'traffic'
  const bits = bitsPerSecond > 0 ? `, ${sizeText(bitsPerSecond, 'bit/s')}` : ''
  return `${direction === undefined ? '' : `${direction} `}${what}: ${sizeText(packetsPerSecond, 'packets/s')}${bits}`
}

const reasonsOf = ({ why, decision }: Notice): string =>
  decision === '' ? sentence(why) : `${sentence(why)} Decision: ${sentence(decision)}`

const ageOf = ({ at, openedAt }: Notice): string => durationText(Math.max(0, at - openedAt) / 1000)

const sentence = (text: string): string => (/[.!?]$/.test(text) || text === '' ? text : `${text}.`)

const PREFIXES = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** Three digits and the unit: `40 k packets/s`, `1.23 Gbit/s`. */
export function sizeText(value: number, unit: 'packets/s' | 'bit/s'): string {
  const found = PREFIXES.find(([least]) => value >= least)
  const gap = unit === 'bit/s' ? '' : ' '
  if (found === undefined) return `${Math.round(value)} ${unit}`
  return `${Number((value / found[0]).toPrecision(3))} ${found[1]}${gap}${unit}`
}

/** `42 s`, `5 min`, `2 h 10 min`, `3 d 4 h`. */
export function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

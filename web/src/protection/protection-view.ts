// Protection profiles as pages show them: tables, words for who keeps what on, and what is typed to switch or block.

import type { IncidentView } from '#api/contract/incidents.ts'
import type { Countermeasure, Profile } from '#api/contract/protection.ts'
import type { BlockedSource } from '#api/contract/protection-requests.ts'
import { secondsOf } from '../lib/amount.ts'
import type { InputOf } from '../lib/api.ts'
import { linesOf } from '../lib/lines-of.ts'
import { bytesText, countText, packetsText } from '../lib/rate-text.ts'
import type { Column, Tone } from '../lib/table-view.ts'
import { lengthText } from '../lib/time-text.ts'

export const MODES = [
  ['on', 'on: drops'],
  ['monitor', 'monitor: counts what it would drop'],
  ['off', 'off'],
  ['configured', 'as the configuration says'],
] as const
export type SwitchMode = (typeof MODES)[number][0]
export const modeOf = (text: string): SwitchMode => MODES.find(([mode]) => mode === text)?.[0] ?? 'configured'

export const CARRIED: Readonly<Record<Profile['carried'], readonly [words: string, tone: Tone]>> = {
  'in-place': ['in place', 'good'],
  waiting: ['waiting', 'warn'],
  'dry-run': ['dry run', 'quiet'],
}

export const modeTone = (mode: Countermeasure['mode']): Tone =>
  mode === 'on' ? 'good' : mode === 'monitor' ? 'warn' : 'quiet'

export const droppedOf = ({ countermeasures }: Pick<Profile, 'countermeasures'>): number =>
  countermeasures.reduce(
    (sum, { mode, counters }) => sum + (mode === 'on' ? (counters?.droppedPacketsPerSecond ?? 0) : 0),
    0,
  )

/** Those that do something, with their mode where that is not on. */
export const activeText = ({ isOn, countermeasures }: Profile): string =>
  isOn
    ? countermeasures
        .filter(({ mode }) => mode !== 'off')
        .map(({ name, mode }) => (mode === 'on' ? name : `${name} (${mode})`))
        .join(', ')
    : ''

/** `attack mi7-1 on 192.0.2.1`, `user:ann, until 10:00`. `moment`: as the reader wants times. */
export function holderText(
  { by, who, target, mode, until }: Profile['holders'][number],
  moment: (at: string) => string,
): string {
  const whose = by === 'attack' ? `attack ${who}${target === undefined ? '' : ` on ${target}`}` : who
  return `${whose}: ${mode}${until === undefined ? '' : `, until ${moment(until)}`}`
}

export const PROFILE_COLUMNS: readonly Column<Profile>[] = [
  {
    ...{ key: 'id', title: 'Profile', width: '9rem', text: ({ id }) => id },
    href: ({ id }) => `/protection/${encodeURIComponent(id)}`,
  },
  { key: 'on', title: 'Is', text: ({ isOn }) => (isOn ? 'on' : 'off'), width: '4rem' },
  {
    ...{ key: 'carried', title: 'Carried out', width: '8rem', text: ({ carried }) => CARRIED[carried][0] },
    tone: ({ carried, problems }) => (carried === 'waiting' && problems.length > 0 ? 'danger' : undefined),
  },
  { key: 'active', title: 'Countermeasures', text: activeText, width: '16rem' },
  {
    ...{ key: 'dropped', title: 'Drops', isNumber: true, width: '9rem', order: droppedOf, csv: droppedOf },
    text: profile => packetsText(droppedOf(profile)),
  },
  {
    ...{ key: 'held', title: 'Needed by', isNumber: true, width: '8rem', isMinor: true },
    ...{ text: ({ holders }) => String(holders.length), order: ({ holders }) => holders.length },
  },
  {
    ...{ key: 'prefixes', title: 'Protects', width: '16rem', isMinor: true },
    text: ({ prefixes, isDefault }) => `${prefixes.join(', ')}${isDefault ? ' and all else of ours' : ''}`,
  },
  { key: 'by', title: 'By', text: ({ backEnd }) => backEnd, width: '7rem', isMinor: true },
  {
    ...{ key: 'problems', title: 'Problems', width: '16rem', text: ({ problems }) => problems.join('; ') },
    tone: ({ problems }) => (problems.length > 0 ? 'danger' : undefined),
  },
]

type Counter = 'inputPackets' | 'passedPackets' | 'droppedPackets' | 'droppedBytes' | 'sources'

const counter = (
  key: Counter,
  title: string,
  text: (value: number) => string = countText,
): Column<Countermeasure> => ({
  ...{ key, title, isNumber: true, width: '8rem', isMinor: true },
  text: ({ counters }) => {
    const value = counters?.[key]
    return value === undefined ? '' : text(value)
  },
  order: ({ counters }) => counters?.[key] ?? -1,
  csv: ({ counters }) => counters?.[key] ?? '',
})

export const COUNTERMEASURE_COLUMNS: readonly Column<Countermeasure>[] = [
  { key: 'name', title: 'Countermeasure', text: ({ name }) => name, width: '12rem' },
  {
    ...{ key: 'mode', title: 'Is', width: '7rem', text: ({ mode }) => mode },
    tone: ({ mode }) => (mode === 'on' ? 'good' : undefined),
  },
  {
    ...{ key: 'configured', title: 'Configured', text: ({ configuredMode }) => configuredMode },
    ...{ width: '7rem', isMinor: true },
  },
  {
    ...{ key: 'rate', title: 'Drops', isNumber: true, width: '9rem' },
    text: ({ counters }) => (counters === undefined ? '' : packetsText(counters.droppedPacketsPerSecond)),
    order: ({ counters }) => counters?.droppedPacketsPerSecond ?? -1,
    csv: ({ counters }) => counters?.droppedPacketsPerSecond ?? '',
  },
  counter('inputPackets', 'Looked at'),
  counter('passedPackets', 'Passed'),
  counter('droppedPackets', 'Dropped'),
  counter('droppedBytes', 'Dropped', bytesText),
  counter('sources', 'On its list'),
]

export const BLOCKED_COLUMNS: readonly Column<BlockedSource>[] = [
  { key: 'source', title: 'Source', text: ({ source }) => source },
  { key: 'profile', title: 'Profile', text: ({ profile }) => profile },
  { key: 'by', title: 'By', text: ({ countermeasure }) => countermeasure },
  { key: 'target', title: 'Towards', text: ({ target = 'anything' }) => target, isMinor: true },
  {
    ...{ key: 'left', title: 'For', isNumber: true, order: ({ remainingSeconds }) => remainingSeconds },
    ...{ text: ({ remainingSeconds }) => lengthText(remainingSeconds) },
    csv: ({ remainingSeconds }) => remainingSeconds,
  },
]

export const incidentColumns = (moment: (at: string) => string): readonly Column<IncidentView>[] => [
  {
    ...{ key: 'began', title: 'Began', width: '13rem', order: ({ beganAt }) => beganAt },
    ...{ text: ({ beganAt }) => moment(beganAt), csv: ({ beganAt }) => beganAt },
  },
  {
    ...{ key: 'ended', title: 'Ended', width: '13rem', order: ({ endedAt = '9' }) => endedAt },
    ...{ text: ({ endedAt }) => (endedAt === undefined ? 'goes on' : moment(endedAt)) },
    csv: ({ endedAt = '' }) => endedAt,
  },
  { key: 'profile', title: 'Profile', text: ({ profile }) => profile, width: '9rem' },
  { key: 'causes', title: 'Because of', text: ({ causes }) => causes.join(', '), width: '14rem' },
  {
    ...{ key: 'what', title: 'Countermeasures', width: '14rem' },
    text: ({ countermeasures }) => countermeasures.join(', '),
  },
  {
    ...{ key: 'dropped', title: 'Dropped', isNumber: true, order: ({ droppedPackets }) => droppedPackets },
    ...{
      text: ({ droppedPackets }) => countText(droppedPackets),
      csv: ({ droppedPackets }) => droppedPackets,
    },
  },
  { key: 'tags', title: 'Tags', text: ({ tags }) => tags.join(', '), isMinor: true },
]

export interface BlockForm {
  readonly sources: string
  readonly ttl: string
}

/** Undefined: it is not finished. */
export function readBlock({
  sources,
  ttl,
}: BlockForm): Omit<InputOf<'blockSources'>, 'id' | 'reason'> | undefined {
  const list = linesOf(sources)
  const ttlSeconds = ttl.trim() === '' ? undefined : secondsOf(ttl)
  if (list.length === 0 || (ttl.trim() !== '' && ttlSeconds === undefined)) return undefined
  return { sources: list, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) }
}

// Protection as tables and sentences for people.

import type { Incidents } from '#api/contract/incidents.ts'
import type { Countermeasure, Profile, Protection } from '#api/contract/protection.ts'
import type { BlockedSources, ProtectionCounters } from '#api/contract/protection-requests.ts'
import { durationText, momentText } from '#lib/clock/local-time.ts'
import { grouped } from '#lib/number-text.ts'
import { table } from '../table.ts'

type Holder = Profile['holders'][number]

const HOLDERS_SHOWN = 3

export function protectionText({
  isArmed,
  defaultProfile,
  backEnds,
  warnings,
  profiles,
}: Protection): string {
  if (profiles.length === 0) return 'No protection profile is configured: see docs/operate/protection.md.\n'
  const rows = profiles.map(profile => [
    ...[profile.id, profile.backEnd, profile.isOn ? 'on' : 'off', profile.carried],
    profile.countermeasures.map(shortText).filter(Boolean).join(' '),
    holdersText(profile.holders),
    profile.problems.join('; '),
  ])
  const lines = [
    ...(isArmed ? [] : ['Not armed: nothing of it is carried out.']),
    ...(defaultProfile === undefined ? ['There is no general protection (isDefault).'] : []),
    ...warnings,
    ...backEnds.flatMap(({ name, place, carried, problems, owed }) => [
      `${name}, ${place}: ${carried}${owed === 0 ? '' : `, ${owed} not undone yet`}`,
      ...problems.map(problem => `  ${problem}`),
    ]),
  ]
  const head = ['profile', 'by', '', 'state', 'countermeasures', 'for', '']
  return `${table([head, ...rows])}${lines.map(line => `${line}\n`).join('')}`
}

/** Only those that do something, or would as soon as the profile is on. */
const shortText = ({ name, mode }: Countermeasure): string =>
  mode === 'off' ? '' : mode === 'monitor' ? `${name}(monitor)` : name

function holdersText(holders: readonly Holder[]): string {
  const shown = holders.slice(0, HOLDERS_SHOWN).map(holderText)
  const more = holders.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

function holderText({ by, who, target, mode }: Holder): string {
  if (by === 'operator') return `${who} (${mode})`
  return by === 'attack' ? `${who}${target === undefined ? '' : ` on ${target}`}` : `threshold ${who}`
}

export function profileText(profile: Profile): string {
  const { id, backEnd, prefixes, isDefault, isOn, since, carried, problems, countermeasures } = profile
  const sinceText = since === undefined ? '' : ` since ${momentText(Date.parse(since))}`
  const rows = countermeasures.map(({ name, mode, configuredMode, holders, counters }) => [
    ...[name, mode, configuredMode === mode ? '' : `(${configuredMode})`, holdersText(holders)],
    ...(counters === undefined
      ? ['', '', '']
      : [
          grouped(counters.inputPackets),
          grouped(counters.droppedPackets),
          counters.sources === undefined ? '' : grouped(counters.sources),
        ]),
  ])
  const head = ['countermeasure', 'mode', '', 'for', 'in', 'dropped', 'listed']
  return [
    `${id} is ${isOn ? 'on' : 'off'}${sinceText}, by ${backEnd}: ${carried}${isDefault ? '; general protection' : ''}\n`,
    `  covers ${prefixes.join(', ')}\n`,
    ...(profile.holders.length === 0 ? [] : [`  held by ${profile.holders.map(holderText).join(', ')}\n`]),
    ...problems.map(problem => `  ${problem}\n`),
    table([head, ...rows], [4, 5, 6]),
  ].join('')
}

export function blockedText({ sources, total }: BlockedSources): string {
  if (total === 0) return 'No source is blocked for a time.\n'
  const rows = sources.map(({ source, target = '', profile, countermeasure, remainingSeconds }) => [
    ...[source, target, profile, countermeasure, durationText(remainingSeconds)],
  ])
  const more = total - sources.length
  const text = table([['source', 'to', 'profile', 'by', 'left'], ...rows])
  return more > 0 ? `${text}and ${grouped(more)} more: --limit\n` : text
}

export function countersText({ counters }: ProtectionCounters): string {
  if (counters.length === 0) return 'No countermeasure is in place.\n'
  const rows = counters.map(one => [
    ...[one.profile, one.countermeasure, one.mode, grouped(one.inputPackets), grouped(one.passedPackets)],
    ...[
      grouped(one.droppedPackets),
      grouped(one.droppedBytes),
      grouped(Math.round(one.droppedPacketsPerSecond)),
    ],
    one.sources === undefined ? '' : grouped(one.sources),
  ])
  const head = [
    'profile',
    'countermeasure',
    'mode',
    'in',
    'passed',
    'dropped',
    'bytes',
    'dropped/s',
    'listed',
  ]
  const full = counters
    .filter(({ unmeasuredPackets = 0 }) => unmeasuredPackets > 0)
    .map(({ profile, countermeasure, unmeasuredPackets = 0 }) => {
      const packets = grouped(unmeasuredPackets)
      return `ALERT: a set of ${profile} ${countermeasure} is full: ${packets} packets found no room; raise sourcesMax\n`
    })
  return table([head, ...rows], [3, 4, 5, 6, 7, 8]) + full.join('')
}

export function incidentsText({ incidents }: Incidents): string {
  if (incidents.length === 0) return 'No profile was needed yet.\n'
  const rows = incidents.map(({ id, beganAt, endedAt, causes, countermeasures, droppedPackets, tags }) => [
    ...[id, momentText(Date.parse(beganAt))],
    endedAt === undefined ? 'goes on' : momentText(Date.parse(endedAt)),
    ...[
      countermeasures.join(' '),
      grouped(droppedPackets),
      causes.slice(0, HOLDERS_SHOWN).join(' '),
      tags.join(' '),
    ],
  ])
  return table([['incident', 'from', 'until', 'with', 'dropped', 'because of', 'tags'], ...rows], [4])
}

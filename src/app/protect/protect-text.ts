// Counters of countermeasures and blocked sources, as tables for people.

import type { Blocked, ProfileCounters } from '#8-enforcement/nftables/read-back.ts'
import { grouped } from '#lib/number-text.ts'

const SOURCES_SHOWN = 1000

export function countersText(all: readonly ProfileCounters[]): string {
  if (all.length === 0) return 'No countermeasure is in place.\n'
  const lines = all.map(({ profile, countermeasure, counters }) => {
    const { inputPackets, droppedPackets, droppedBytes, sources, unmeasuredPackets = 0 } = counters
    const listed = sources === undefined ? '' : `, ${grouped(sources)} sources listed`
    const full =
      unmeasuredPackets === 0
        ? ''
        : `\n  ALERT: a set is full: ${grouped(unmeasuredPackets)} packets found no room; raise sourcesMax`
    const counts = `${grouped(inputPackets)} packets in, ${grouped(droppedPackets)} dropped (${grouped(droppedBytes)} bytes)`
    return `${profile} ${countermeasure}: ${counts}${listed}${full}\n`
  })
  return lines.join('')
}

export function blockedText(sources: readonly Blocked[]): string {
  if (sources.length === 0) return 'No source is blocked for a time.\n'
  const lines = sources.slice(0, SOURCES_SHOWN).map(one => {
    const { profile, countermeasure, source, target, remainingSeconds } = one
    const towards = target === undefined ? '' : ` to ${target}`
    return `${source}${towards}: ${profile} ${countermeasure}, ${remainingSeconds} s left\n`
  })
  const more = sources.length - lines.length
  return lines.join('') + (more > 0 ? `and ${grouped(more)} more; --json has them all\n` : '')
}

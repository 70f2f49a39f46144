// Announcements as commands of ExaBGP's text API; a route with standard communities letter for letter as FastNetMon
// writes it.

import type { Announcement, Change } from '#7-mitigation/announcement.ts'
import { assert } from '#lib/assert.ts'
import { ruleProblems } from '#lib/flowspec/check.ts'
import { announceToExabgp, type Command, withdrawFromExabgp } from '#lib/flowspec/exabgp.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { isStandard } from '../bgp/community.ts'
import { routeProblems } from '../bgp/route-problems.ts'
import { PIPE_BUF } from './fifo.ts'

/** Why ExaBGP cannot be told this; none: it can be. */
export function problemsOf(announcement: Announcement): string[] {
  if (announcement.kind === 'route')
    return [...routeProblems(announcement.route), ...lengthProblems(announcement)]
  const { rule } = announcement
  const problems = ruleProblems(rule)
  if (rule.actions.length === 0) problems.push('a rule without actions does nothing: name one')
  if (problems.length > 0) return problems
  const command = announceToExabgp(rule)
  if (command.kind === 'impossible') return [`ExaBGP has no words for ${command.what}`]
  return lengthProblems(announcement)
}

function lengthProblems(announcement: Announcement): string[] {
  const { length } = textOf({ kind: 'announce', announcement })
  return length <= PIPE_BUF
    ? []
    : [`its command has ${length} bytes, and a pipe takes at most ${PIPE_BUF} whole: split it`]
}

/**
 * `announce route 192.0.2.1/32 next-hop 192.0.2.66 community [65001:666 65001:777]`,
 * `withdraw route 192.0.2.1/32 next-hop 192.0.2.66`, `announce flow route { match { ... } then { ... } }` or
 * `withdraw flow route { match { ... } }`, with the end of the line. What has problems must not come here.
 */
export function commandOf(change: Change): string {
  const text = textOf(change)
  assert(text.length <= PIPE_BUF, 'a command fits into one write')
  return text
}

function textOf({ kind, announcement }: Change): string {
  if (announcement.kind === 'flow') return `${flowText(kind, announcement.rule)}\n`
  const { prefix, nextHop, communities } = announcement.route
  const route = `${kind} route ${prefix} next-hop ${nextHop}`
  if (kind === 'withdraw') return `${route}\n`
  const standard = communities.filter(isStandard)
  const large = communities.filter(text => !isStandard(text))
  return `${route}${listText('community', standard)}${listText('large-community', large)}\n`
}

function flowText(kind: Change['kind'], rule: Rule): string {
  const command: Command = kind === 'announce' ? announceToExabgp(rule) : withdrawFromExabgp(rule)
  assert(command.kind === 'command', 'ExaBGP has words for what was checked')
  return command.text
}

/** One stands without brackets. */
function listText(name: string, texts: readonly string[]): string {
  if (texts.length === 0) return ''
  return texts.length === 1 ? ` ${name} ${texts[0]}` : ` ${name} [${texts.join(' ')}]`
}

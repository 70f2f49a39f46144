// What two programs told about the same host, side by side: calls, words, grammar and numbers.

import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import type { RecordedCall } from '../../lab/recording-script.ts'
import { BAN_SECONDS } from './conf.ts'
import type { Crossings } from './crossing.ts'
import type { Run, Scenario } from './scenarios.ts'
import type { Played } from './stage.ts'

export interface Comparison {
  readonly run: string
  readonly scenario: string
  readonly host: string
  readonly theirs: string
  readonly ours: string
  /** Where we differ; empty is what is wanted. */
  readonly differences: readonly string[]
  /** Where we differ on purpose. */
  readonly deliberate: readonly string[]
}

/** Calls of one attack: the first of each action, up to the first unban. */
type Life = ReadonlyMap<string, RecordedCall>

/** How far an average at a crossing may be from the formula: scripts, rings and loggers are milliseconds apart. */
const FORMULA_SHARE = 0.02
const NANOS = 1_000_000_000n

export function compareScenario(played: Played, scenario: Scenario, crossings: Crossings): Comparison {
  const { run } = played
  const theirs = lifeOf(played.theirs.calls, scenario, run)
  const ours = lifeOf(played.ours.calls, scenario, run)
  const differences = [
    ...againstExpected('FastNetMon', theirs, scenario),
    ...againstExpected('Floodwarden', ours, scenario),
  ]
  const deliberate: string[] = []
  for (const action of new Set([...theirs.keys(), ...ours.keys()])) {
    const found = compareCall(action, theirs.get(action), ours.get(action), scenario)
    differences.push(...found.differences)
    deliberate.push(...found.deliberate)
  }
  const file = compareFiles(
    fileOf(played.theirs.files, scenario),
    fileOf(played.ours.files, scenario),
    scenario,
  )
  differences.push(...file.differences)
  deliberate.push(...file.deliberate)
  differences.push(...powersWithin('FastNetMon', theirs), ...powersWithin('Floodwarden', ours))
  if (run.unbanSeconds > 0) {
    const end = endOfTraffic(played, scenario)
    differences.push(...unbanDifferences('Floodwarden', ours, end, heldNanos(played, scenario)))
    // FastNetMon does not ask whether an attack over IPv6 is finished.
    differences.push(...unbanDifferences('FastNetMon', theirs, isIpv6(scenario.host) ? 0n : end))
  }
  for (const { who, told, share } of crossings.get(scenario.host) ?? []) {
    if (share > FORMULA_SHARE)
      differences.push(`${who}: ${told} packets/s at the crossing is ${percent(share)} off the formula`)
  }
  return {
    run: run.name,
    scenario: scenario.title,
    host: scenario.host,
    theirs: lifeText(theirs),
    ours: lifeText(ours),
    differences,
    deliberate: [...new Set(deliberate)],
  }
}

const isIpv6 = (host: string): boolean => host.includes(':')

function lifeOf(calls: readonly RecordedCall[], { host }: Scenario, run: Run): Life {
  const life = new Map<string, RecordedCall>()
  for (const call of calls) {
    if (canonical(call.host) !== host || life.has('unban') || life.has(call.action)) continue
    if (call.action !== 'unban' || run.unbanSeconds > 0) life.set(call.action, call)
  }
  return life
}

/** Both write IPv6 with its zeros in argv; the scenarios do not. */
function canonical(host: string): string {
  const address = parseAddress(host)
  return address === undefined ? host : formatAddress(address)
}

function againstExpected(who: string, life: Life, { banned }: Scenario): string[] {
  const direction = life.get('ban')?.argv[1]
  return direction === banned ? [] : [`${who}: expected ${banned ?? 'no ban'}, got ${direction ?? 'none'}`]
}

interface Found {
  readonly differences: readonly string[]
  readonly deliberate: readonly string[]
}

function compareCall(
  action: string,
  theirs: RecordedCall | undefined,
  ours: RecordedCall | undefined,
  scenario: Scenario,
): Found {
  if (theirs === undefined && ours !== undefined && action === 'attack_details' && isIpv6(scenario.host))
    return { differences: [], deliberate: ['attack_details for IPv6 hosts too'] }
  if (theirs === undefined) return { differences: [`${action}: called by Floodwarden only`], deliberate: [] }
  if (ours === undefined) return { differences: [`${action}: called by FastNetMon only`], deliberate: [] }
  const differences: string[] = []
  const words = (call: RecordedCall): string => call.argv.toSpliced(2, 1).join(' ')
  if (words(theirs) !== words(ours)) differences.push(`argv: ${words(theirs)} / ${words(ours)}`)
  const text = compareText(shapeOf(theirs.stdin), shapeOf(ours.stdin), scenario)
  return {
    differences: [...differences, ...text.differences.map(line => `${action}: ${line}`)],
    deliberate: text.deliberate,
  }
}

const PACKET_LINE = /^N-N-N .* protocol: /

/**
 * The text with its numbers taken out: words, spaces and empty lines are what is compared. Which packets of a mix come
 * first is chance, so their lines stand as `packet`, and each kind of line there was follows at the end.
 */
export function shapeOf(stdin: string): readonly string[] {
  const shapes = stdin.split('\n').map((line, at) => (at === 0 ? line : line.replace(/\d+/g, 'N')))
  const packets = new Set(shapes.filter(shape => PACKET_LINE.test(shape)))
  return [...shapes.map(shape => (PACKET_LINE.test(shape) ? 'packet' : shape)), ...[...packets].sort()]
}

function compareText(theirs: readonly string[], ours: readonly string[], scenario: Scenario): Found {
  const differences: string[] = []
  const deliberate: string[] = []
  for (let at = 0; at < Math.max(theirs.length, ours.length); at++) {
    const [their, our] = [theirs[at], ours[at]]
    if (their === our) continue
    const reason = meantDifference(their, our, scenario)
    if (reason !== undefined) deliberate.push(reason)
    else differences.push(`line ${at + 1}: ${JSON.stringify(their)} / ${JSON.stringify(our)}`)
  }
  return { differences: differences.slice(0, 3), deliberate }
}

function meantDifference(their = '', our = '', scenario: Scenario): string | undefined {
  if (isIpv6(scenario.host) && their === 'IP: 0.0.0.0' && our.startsWith('IP: '))
    return 'IP: of IPv6 hosts is told'
  if (scenario.differs !== 'gre') return undefined
  return their.replace('protocol: unknown', 'protocol: gre') === our
    ? 'packets of GRE are called so'
    : undefined
}

/** The file of the host's first attack, under its name with the numbers taken out. */
function fileOf(files: ReadonlyMap<string, string>, { host }: Scenario): readonly string[] | undefined {
  const found = [...files].filter(([name]) => canonical(name.split('_')[0] ?? '') === host).sort()[0]
  return found === undefined ? undefined : [found[0].replace(/\d+/g, 'N'), ...shapeOf(found[1])]
}

function compareFiles(
  theirs: readonly string[] | undefined,
  ours: readonly string[] | undefined,
  scenario: Scenario,
): Found {
  if (theirs === undefined && ours !== undefined && isIpv6(scenario.host))
    return { differences: [], deliberate: ['a file for attacks over IPv6 too'] }
  const { differences, deliberate } = compareText(theirs ?? ['no file'], ours ?? ['no file'], scenario)
  return { differences: differences.map(text => `file of the attack: ${text}`), deliberate }
}

/** All calls of an attack carry the power it was found with. */
function powersWithin(who: string, life: Life): string[] {
  const powers = new Set([...life.values()].map(({ argv }) => argv[2]))
  return powers.size > 1 ? [`${who}: powers ${[...powers].join(', ')} in one attack`] : []
}

/** How long we held a ban, by the times we tell ourselves: a busy machine starts one script later than the other. */
function heldNanos({ attacks }: Played, { host }: Scenario): bigint | undefined {
  const ended = attacks.filter(attack => attack.host === host && attack.endedAt !== undefined)
  const [first] = ended.toSorted((one, other) => (one.openedAt < other.openedAt ? -1 : 1))
  if (first?.endedAt === undefined) return undefined
  return BigInt(Date.parse(first.endedAt) - Date.parse(first.openedAt)) * 1_000_000n
}

/** `heldNanos`: between both, where it is known; else that between the starts of the scripts. */
function unbanDifferences(who: string, life: Life, trafficEnd: bigint, heldNanos?: bigint): string[] {
  const [ban, unban] = [life.get('ban'), life.get('unban')]
  if (ban === undefined || unban === undefined) return []
  const early: string[] = []
  // The scripts' own starts are some milliseconds apart.
  if ((heldNanos ?? unban.at - ban.at) < BigInt(BAN_SECONDS) * NANOS - NANOS / 2n)
    early.push(`${who}: unban before the ban was over`)
  if (unban.at < trafficEnd) early.push(`${who}: unban while the attack went on`)
  if (unban.stdin !== '') early.push(`${who}: unban got a text`)
  return early
}

function endOfTraffic({ sent, run }: Played, { seconds }: Scenario): bigint {
  const groups = [...new Set(run.scenarios.map(scenario => scenario.seconds))]
  const began = BigInt(sent[groups.indexOf(seconds)]?.firstSentRealtimeNanos ?? 0)
  return began + BigInt(seconds) * NANOS
}

function lifeText(life: Life): string {
  const ban = life.get('ban')
  if (ban === undefined) return 'no call'
  const of = (name: string): string => new RegExp(`^${name}: (\\S+)`, 'm').exec(ban.stdin)?.[1] ?? '?'
  const words = `${of('Attack type')}, ${of('Attack protocol')}, ${ban.argv[1]}`
  return `${[...life.keys()].join(', ')}: ${words}, ${ban.argv[2]} pps, ${of('Total (?:incoming|outgoing) flows')} flows`
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

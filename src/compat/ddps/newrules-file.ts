// Files that DDPS's older generation sent to its database, `newrules-*.dat`: a head, a line for each packet or rule, and a
// last line without which the file was cut off on its way.

import type { DistillSample } from '#5-evidence/distill/distillation.ts'
import { PROTOCOLS } from '#lib/flowspec/names.ts'
import { BIT_WORDS } from '#lib/flowspec/router-words.ts'
import { type ComponentType, FRAGMENT_BITS, TCP_FLAG_BITS } from '#lib/flowspec/rule.ts'
import { type Address, bitsOf, parseAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { distillDdps } from './distill/distill-ddps.ts'
import { writeRule } from './from-rule.ts'
import type { DdpsRule } from './rule.ts'
import type { FileProblem, FileRule, RulesOfFile } from './rule-file.ts'
import { readAction } from './words.ts'

/** In the order in which they stand. */
const COLUMNS = [
  'customer',
  'uuid',
  'instance',
  'admin',
  'blocktime',
  'dst',
  'src',
  'proto',
  'port',
  'dport',
  'sport',
  'icmptype',
  'icmpcode',
  'flags',
  'length',
  'ttl',
  'dscp',
  'frag',
  'mode',
  'description',
] as const
type Line = Readonly<Record<(typeof COLUMNS)[number], string>>

export const HEAD = 'head;'
const LAST = 'last-line'
const LINES_MAX = 100_000
/** So many faults are told; the rest is counted. */
const FAULTS_MAX = 20

export function readNewRules(name: string, text: string): RulesOfFile {
  const lines = text.split(/\r?\n/).filter(line => line.trim() !== '')
  const [head = '', ...rest] = lines
  const [, , mode = ''] = head.split(';')
  const fail = (problem: string): RulesOfFile => ({ rules: [], problems: [{ at: name, problem }] })
  if (lines.length > LINES_MAX) return fail(`has more than ${LINES_MAX} lines: split it`)
  if (!rest.at(-1)?.startsWith(LAST)) return fail(`does not end with ${LAST}: it was cut off on its way`)
  if (mode !== 'doop' && mode !== 'noop' && mode !== 'opop')
    return fail(`has the mode ${JSON.stringify(mode)} in its head, and not doop, noop or opop`)
  const problems: FileProblem[] = []
  const read = rest.slice(0, -1).flatMap((line, at): Placed[] => {
    const place = `${name}:${at + 2}`
    const cells = line.split(';')
    if (cells.length >= COLUMNS.length) return [{ at: place, line: lineOf(cells) }]
    problems.push({ at: place, problem: `has ${cells.length} columns, and not ${COLUMNS.length}` })
    return []
  })
  const rules =
    mode === 'noop' ? read.map(({ at, line }) => ({ at, rule: ruleOf(line) })) : merged(read, problems)
  const told = problems.slice(0, FAULTS_MAX)
  if (problems.length > FAULTS_MAX)
    told.push({ at: name, problem: `has ${problems.length - FAULTS_MAX} more lines that cannot be read` })
  return { rules, problems: told }
}

interface Placed {
  readonly at: string
  readonly line: Line
}

/** A description may hold semicolons itself. */
function lineOf(cells: readonly string[]): Line {
  const last = COLUMNS.length - 1
  const texts = [...cells.slice(0, last), cells.slice(last).join(';')].map(cellText)
  return Object.fromEntries(COLUMNS.map((column, at) => [column, texts[at] ?? ''])) as unknown as Line
}

const cellText = (cell: string): string => {
  const text = cell.trim()
  return /^(?:null|none)$/i.test(text) ? '' : text
}

/** One rule of one line, not checked yet. */
function ruleOf(line: Line): unknown {
  return {
    durationminutes: line.blocktime,
    destinationprefix: hostText(line.dst),
    sourceprefix: hostText(line.src),
    ipprotocol: listText(protocolText(line.proto)),
    destinationport: listText(line.dport),
    sourceport: listText(line.sport),
    icmptype: listText(line.icmptype),
    icmpcode: listText(line.icmpcode),
    tcpflags: flagsText(line.flags),
    packetlength: listText(line.length),
    dscp: listText(line.dscp),
    fragmentencoding: fragmentText(line.frag),
    thenaction: line.mode,
    description: line.description,
    // No key of DDPS: it is refused by its name rather than lost.
    ...(line.port === '' ? {} : { srcordestport: line.port }),
  } satisfies Partial<Record<keyof DdpsRule, string>> & object
}

/** Lines of one attack as one rule, as DDPS did it. */
function merged(lines: readonly Placed[], problems: FileProblem[]): FileRule[] {
  const groups = Map.groupBy(lines, ({ line }) => `${line.dst} ${line.mode}`)
  return [...groups.values()].flatMap((group): FileRule[] => {
    const [first] = group
    if (first === undefined) return []
    const samples = group.flatMap(({ at, line }): DistillSample[] => {
      const sample = sampleOf(line)
      if (typeof sample !== 'string') return [sample]
      problems.push({ at, problem: sample })
      return []
    })
    const outcome = oneRule(first.line, samples)
    if (typeof outcome !== 'string') return [{ at: first.at, rule: outcome }]
    problems.push({ at: first.at, problem: outcome })
    return []
  })
}

function oneRule(
  { dst, mode, blocktime, description }: Line,
  attack: readonly DistillSample[],
): DdpsRule | string {
  const target = parsePrefix(hostText(dst))
  const actions = readAction(mode)
  if (target === undefined) return `dst ${JSON.stringify(dst)} is no address`
  if (actions === undefined) return `mode ${JSON.stringify(mode)} is no action`
  const distilled = distillDdps({
    ...{ family: target.family, target, attack, normal: [], vectors: [], rulesMax: 1 },
    action: actions[0] ?? { kind: 'discard' },
  })
  if (distilled.kind === 'too-few')
    return `the attack on ${dst} has ${distilled.samples} lines that can be read, and ${distilled.needed} are needed`
  const [best] = distilled.kind === 'rules' ? distilled.rules : []
  if (best === undefined) return `nothing is common to the lines of ${dst}`
  const written = writeRule({ ...best.rule, actions }, { seconds: Number(blocktime) * 60, description })
  return written.kind === 'keys' ? written.rule : written.problem
}

/** A sentence when it says nothing that can be used. */
function sampleOf(line: Line): DistillSample | string {
  const [source, target] = [addressOf(line.src), addressOf(line.dst)]
  if (source === undefined || target === undefined || source.family !== target.family)
    return 'src and dst are no addresses of one family'
  const [protocol, length] = [numberOf(protocolText(line.proto)), numberOf(line.length)]
  const [sourcePort, targetPort] = [numberOf(line.sport), numberOf(line.dport)]
  const untold: ComponentType[] = ['icmp-type', 'icmp-code', 'dscp']
  if (protocol === undefined) untold.push('protocol')
  if (length === undefined) untold.push('packet-length')
  return {
    packet: {
      ...{ source, target, protocol: protocol ?? 0, length: length ?? 0, dscp: 0 },
      ...(sourcePort === undefined ? {} : { sourcePort }),
      ...(targetPort === undefined ? {} : { targetPort }),
      ...(protocol === PROTOCOLS['tcp'] ? { tcpFlags: flagBits(line.flags) } : {}),
      fragment: fragmentText(line.frag) === 'is-fragment' ? FRAGMENT_BITS['is-fragment'] : 0,
    },
    ...{ weight: 1, untold },
  }
}

const addressOf = (text: string): Address | undefined => parseAddress(text.replace(/\/(?:32|128)$/, ''))

/** An address is that host alone. */
function hostText(text: string): string {
  const address = parseAddress(text)
  return address === undefined ? text : `${text}/${bitsOf(address.family)}`
}

/** Plain numbers become what DDPS writes today. */
const listText = (text: string): string => (/^\d+$/.test(text) ? `=${text}` : text)

const numberOf = (text: string): number | undefined =>
  /^=?\d{1,5}$/.test(text) ? Number(text.replace('=', '')) : undefined

function protocolText(text: string): string {
  const name = text.toLowerCase()
  return Object.hasOwn(PROTOCOLS, name) ? String(PROTOCOLS[name]) : text
}

const FLAG_WORDS: Readonly<Record<string, string>> = { psh: 'push', urg: 'urgent' }

/** FastNetMon's names, with commas between, as DDPS's with spaces. */
const flagsText = (text: string): string =>
  namesOf(text)
    .map(name => FLAG_WORDS[name] ?? name)
    .join(' ')

const namesOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(name => name !== '' && name !== '-')

const BITS: Readonly<Record<string, number>> = { ...TCP_FLAG_BITS, ...BIT_WORDS['tcp-flags'] }

const flagBits = (text: string): number => namesOf(text).reduce((bits, name) => bits | (BITS[name] ?? 0), 0)

/** FastNetMon says 0 and 1. */
function fragmentText(text: string): string {
  if (text === '0') return ''
  return text === '1' ? 'is-fragment' : text
}

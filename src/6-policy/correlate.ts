// Reports of several detectors about one target within a window are one attack, and it is surer than each of them alone.
//
// The confidences are combined by noisy-or: each report is a reason to believe, right with its own probability, and the
// attack is none only when all are wrong. A detector counts once, by the surest of its reports, however often it repeats them.

import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'

export interface Report {
  /** An address or a prefix. */
  readonly target: string
  /** Name of the detector. */
  readonly source: string
  /** 0 to 1; what is no number is 0. */
  readonly confidence: number
  /** Wall clock ms. */
  readonly atMs: number
}

export interface Correlation {
  /** Reports about one target belong together when each follows another within so long. */
  readonly windowMs: number
  /** 0 to 1, by source: how far it is trusted. */
  readonly weights: ReadonlyMap<string, number>
  /** Of a source without one. */
  readonly usualWeight: number
}

/** The name under which our own finding counts. */
export const OWN_SOURCE = 'floodwarden'

export const USUAL_CORRELATION: Correlation = { windowMs: 300_000, weights: new Map(), usualWeight: 1 }

/** What all reports about a target say together by now: the newest attack on it. `undefined`: none says anything. */
export function agreementOn(
  target: string,
  reports: readonly Report[],
  correlation: Correlation,
): Correlated | undefined {
  const asked = canonicalOf(target)
  const about = reports.filter(report => report.target === target || canonicalOf(report.target) === asked)
  const newest = asked === undefined ? undefined : groupsOf(about, correlation.windowMs).at(-1)
  return asked === undefined || newest === undefined ? undefined : attackOf(asked, newest, correlation)
}

/** `undefined`: it is no prefix. */
function canonicalOf(target: string): string | undefined {
  const prefix = parsePrefix(target)
  return prefix && formatPrefix(prefix)
}

export interface Voice {
  readonly source: string
  readonly confidence: number
  readonly weight: number
}

export interface Correlated {
  /** Canonical prefix. */
  readonly target: string
  /** 0 to 1, of all sources together. */
  readonly confidence: number
  /** By name. */
  readonly voices: readonly Voice[]
  readonly firstMs: number
  readonly lastMs: number
  /** Who said what, and how it makes the confidence. */
  readonly explanation: string
}

export interface CorrelatedReports {
  /** By target, then by time. */
  readonly attacks: readonly Correlated[]
  /** Reports whose target is no prefix. */
  readonly unreadable: number
}

export function correlate(reports: readonly Report[], correlation: Correlation): CorrelatedReports {
  const byTarget = new Map<string, Report[]>()
  let unreadable = 0
  for (const report of reports) {
    const target = canonicalOf(report.target)
    if (target === undefined) {
      unreadable++
      continue
    }
    byTarget.set(target, [...(byTarget.get(target) ?? []), report])
  }
  const attacks = [...byTarget]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([target, about]) =>
      groupsOf(about, correlation.windowMs).map(group => attackOf(target, group, correlation)),
    )
  return { attacks, unreadable }
}

function groupsOf(reports: readonly Report[], windowMs: number): Report[][] {
  const groups: Report[][] = []
  for (const report of reports.toSorted((a, b) => a.atMs - b.atMs)) {
    const last = groups.at(-1)
    const newest = last?.at(-1)
    if (last !== undefined && newest !== undefined && report.atMs - newest.atMs <= windowMs) last.push(report)
    else groups.push([report])
  }
  return groups
}

function attackOf(target: string, group: readonly Report[], correlation: Correlation): Correlated {
  const voices = voicesOf(group, correlation)
  const confidence = combine(voices)
  const moments = group.map(({ atMs }) => atMs)
  return {
    ...{ target, confidence, voices },
    firstMs: Math.min(...moments),
    lastMs: Math.max(...moments),
    explanation: explain(target, voices, confidence),
  }
}

function voicesOf(group: readonly Report[], { weights, usualWeight }: Correlation): Voice[] {
  const surest = new Map<string, number>()
  for (const { source, confidence } of group)
    surest.set(source, Math.max(surest.get(source) ?? 0, share(confidence)))
  return [...surest]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, confidence]) => ({
      ...{ source, confidence },
      weight: share(weights.get(source) ?? usualWeight),
    }))
}

const share = (value: number): number => (Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value)))

/** 1 - product of (1 - weight x confidence), 0 to 1. */
export const combine = (voices: readonly Voice[]): number =>
  1 - voices.reduce((doubt, { weight, confidence }) => doubt * (1 - weight * confidence), 1)

export function explain(target: string, voices: readonly Voice[], confidence: number): string {
  const said = voices.map(
    ({ source, confidence, weight }) =>
      `${source} is ${percent(confidence)} sure${weight === 1 ? '' : ` and is trusted by ${percent(weight)}`}`,
  )
  if (voices.length === 1) return `${target}: ${said[0]}, so the confidence is ${percent(confidence)}`
  const doubts = voices.map(voice => percent(1 - voice.weight * voice.confidence))
  return `${target}: ${voices.length} detectors agree: ${said.join('; ')}; that all of them are wrong is ${doubts.join(' x ')}, so the confidence is ${percent(confidence)}`
}

const percent = (value: number): string => `${Math.round(value * 1000) / 10} %`

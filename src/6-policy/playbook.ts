// Playbooks ready for use, and which of them answers an attack: the first whose match and windows fit.

import type { Attack } from '#4-detection/attack.ts'
import type { InventoryEntry, Named } from './inventory.ts'
import type { MatchConfig, PlaybookConfig, StepConfig } from './playbook-config.ts'
import { severityOf } from './severity.ts'
import { trafficOf } from './traffic-match.ts'
import { compileWindow, isWithinWindow, type Window } from './window.ts'

export type Step = StepConfig

export interface Playbook extends Omit<PlaybookConfig, 'windows'> {
  /** Any of them; empty: always. */
  readonly windows: readonly Window[]
}

export const compilePlaybooks = (configs: readonly PlaybookConfig[]): Playbook[] =>
  configs.map(config => ({ ...config, windows: config.windows.map(compileWindow) }))

/** What is known of an attack when a playbook is looked for. */
export interface Situation {
  readonly attack: Attack
  /** Name of the foreign detector that reported it; `undefined`: we found it, or an operator asked. */
  readonly source: string | undefined
  /** 0 to 1. */
  readonly confidence: number
  /** What the inventory knows of what is attacked. */
  readonly entries: readonly InventoryEntry[]
  /** Ports at the target that most of the flood goes to; missing: not known. */
  readonly floodPorts?: readonly number[] | undefined
}

/** The first that fits now; `undefined` when none does. */
export const playbookOf = (
  playbooks: readonly Playbook[],
  situation: Situation,
  nowMs: number,
): Playbook | undefined =>
  playbooks.find(playbook => isOpen(playbook, nowMs) && fits(playbook.match, situation))

/** Whether its time is now. */
export const isOpen = ({ windows }: Playbook, nowMs: number): boolean =>
  windows.length === 0 || windows.some(window => isWithinWindow(window, nowMs))

function fits(match: MatchConfig, situation: Situation): boolean {
  const { attack, source, confidence, entries } = situation
  const origin = source === undefined ? attack.origin : 'event'
  return (
    isNamed(match.vectors, vectorsOf(attack)) &&
    isNamed(match.origins, [origin]) &&
    isNamed(match.sources, source === undefined ? [] : [source]) &&
    isNamed(match.customers, idsOf(entries.map(({ customer }) => customer))) &&
    isNamed(match.services, idsOf(entries.map(({ service }) => service))) &&
    isNamed(match.pops, idsOf(entries.map(({ pop }) => pop))) &&
    isNamed(match.hostgroups, [attack.hostgroup]) &&
    isNamed(match.directions, [attack.direction]) &&
    isNamed(match.scopes, [attack.scope]) &&
    isNamed(match.severities, [severityOf(attack)]) &&
    confidence >= match.minimumConfidence &&
    (!match.requirePorts || arePortsKnown(situation))
  )
}

/** Told, or a part of what the flood is made of. */
const arePortsKnown = ({ attack, floodPorts = [] }: Situation): boolean =>
  floodPorts.length > 0 || trafficOf(attack).some(({ targetPorts = [] }) => targetPorts.length > 0)

/** An empty list says nothing. */
const isNamed = (wanted: readonly string[], found: readonly string[]): boolean =>
  wanted.length === 0 || found.some(name => wanted.includes(name))

const vectorsOf = ({ finding, type }: Attack): readonly string[] => [
  type,
  ...(finding?.parts.map(({ vector }) => vector) ?? []),
]

const idsOf = (named: readonly (Named | undefined)[]): readonly string[] =>
  named.flatMap(one => one?.id ?? [])

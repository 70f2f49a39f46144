// Attacks that belong together, and what one notice says of them.

import { aroundAll } from './around.ts'
import { LISTED_MAX, type Notice, type NoticeKind } from './notice.ts'
import type { NoticeAttack } from './notice-attack.ts'

export interface Member {
  attack: NoticeAttack
  isOpen: boolean
}

export interface NoticeGroup {
  readonly id: string
  /** What its attacks have in common. */
  readonly key: string
  readonly members: Map<string, Member>
  /** When the last attack joined. */
  joinedAt: number
  /** Those that are open. */
  open: number
  severity: Notice['severity']
}

const LABELS_MAX = 20

export function noticeOf(group: NoticeGroup, id: string, kind: NoticeKind, at: number): Notice {
  const members = [...group.members.values()]
  const largest = members.toSorted((a, b) => b.attack.packetsPerSecond - a.attack.packetsPerSecond)
  const first = largest[0]
  if (first === undefined) throw new Error('a group without attacks says nothing')
  const counted = group.open > 0 ? members.filter(({ isOpen }) => isOpen) : members
  const sum = (of: (attack: NoticeAttack) => number) =>
    Math.round(counted.reduce((total, { attack }) => total + of(attack), 0))
  const labels = (of: (attack: NoticeAttack) => string) =>
    [...new Set(largest.map(({ attack }) => of(attack)))].slice(0, LABELS_MAX)
  const { customer, customerName, network, direction, why, decision, isDryRun } = first.attack
  const around = aroundAll(members.map(({ attack }) => attack.target))
  return {
    ...{ id, group: group.id, kind, at, severity: group.severity, direction, why, decision, isDryRun },
    openedAt: members.reduce((early, { attack }) => Math.min(early, attack.openedAt), at),
    ...(customer === undefined ? {} : { customer }),
    ...(customerName === undefined ? {} : { customerName }),
    ...(network === undefined ? {} : { network }),
    ...(around === undefined ? {} : { around }),
    hostgroups: labels(({ hostgroup }) => hostgroup),
    vectors: labels(({ vector }) => vector),
    attacks: members.length,
    open: group.open,
    listed: largest.slice(0, LISTED_MAX).map(({ attack, isOpen }) => ({
      ...{ id: attack.id, target: attack.target, isOpen, vector: attack.vector },
      packetsPerSecond: Math.round(attack.packetsPerSecond),
      ...(attack.service === undefined ? {} : { service: attack.service }),
    })),
    packetsPerSecond: sum(attack => attack.packetsPerSecond),
    bitsPerSecond: sum(attack => attack.bitsPerSecond),
  }
}

/** Of one attack alone, for previews. */
export function exampleNotice(attack: NoticeAttack, kind: NoticeKind, at: number): Notice {
  const isOpen = kind !== 'ended'
  const members = new Map([[attack.id, { attack, isOpen }]])
  const group = { id: `g-${attack.id}`, key: '', members, joinedAt: at, open: isOpen ? 1 : 0 }
  return noticeOf({ ...group, severity: attack.severity }, `${group.id}.1`, kind, at)
}

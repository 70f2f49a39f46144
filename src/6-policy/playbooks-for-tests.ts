// A playbook, rails and means that let a FlowSpec rule and a blackhole through, to be changed by what a test names.

import type { VectorPart } from '#4-detection/attack.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { DecisionContext } from './decide.ts'
import { type Rails, railPrefixesOf } from './guardrail.ts'
import { buildInventory, type Inventory } from './inventory.ts'
import { inventorySchema } from './inventory-config.ts'
import { compilePlaybooks, type Playbook } from './playbook.ts'
import { playbooksSchema } from './playbook-config.ts'

export const prefixes = (...texts: string[]): Prefix[] => texts.map(text => parsePrefix(text)!)

export const playbooksFrom = (written: unknown): Playbook[] =>
  compilePlaybooks(playbooksSchema.parse(written))

export function inventoryFrom(written: unknown): Inventory {
  const built = buildInventory(inventorySchema.parse(written))
  if (built.kind === 'refused') throw new Error(built.problems.map(({ message }) => message).join())
  return built.inventory
}

export const RAILS: Rails = {
  ...railPrefixesOf({
    networks: prefixes('192.0.2.0/24', '2001:db8::/32'),
    whitelist: [],
    managementPrefixes: prefixes('192.0.2.254'),
  }),
  ...{ bansMax: 100, bansPerMinute: 100, targets: new Set<string>(), bansWithinMinute: 0 },
}

/** A limit first, then a discard, then a blackhole. */
export const LIMIT_DISCARD_DROP = {
  name: 'udp',
  match: { vectors: ['udp_flood'] },
  steps: [
    { name: 'limit', actions: [{ kind: 'rate-limit', bitsPerSecond: 8_000_000 }, { kind: 'script' }] },
    { name: 'discard', actions: [{ kind: 'discard' }], escalateAfter: { seconds: 120 } },
    { name: 'drop', actions: [{ kind: 'blackhole' }], escalateAfter: { seconds: 60 }, ttlSeconds: 600 },
  ],
  deescalate: { belowShare: 0.5, seconds: 60 },
}

export const CONTEXT: DecisionContext = {
  rails: RAILS,
  armed: true,
  scriptPath: '/bin/notify',
  announcements: [
    { enforcer: 'gobgp', family: 4, scope: 'host', nextHop: '192.0.2.66', communities: ['65001:666'] },
  ],
  enforcers: [
    { name: 'script', actions: ['script'] },
    { name: 'gobgp', actions: ['blackhole', 'divert', 'filter'] },
  ],
  playbooks: playbooksFrom([LIMIT_DISCARD_DROP]),
  nowMs: 1_000_000,
}

/** An attack whose packets say what it is. */
export function namedAttack(vectors: readonly string[], changes: Parameters<typeof exampleAttack>[0] = {}) {
  const parts = vectors.map((vector): VectorPart => ({ vector, share: 1 / vectors.length, reasons: [] }))
  return exampleAttack({ finding: { parts, confidence: 0.9, packets: 500 }, ...changes })
}

// What an operator orders about a host, as a playbook of one step that answers nothing else.

import type { Order } from '#4-detection/attack.ts'
import { compilePlaybooks, type Playbook } from './playbook.ts'
import { playbookSchema } from './playbook-config.ts'

/** Its name in reasons. */
const ORDER_PLAYBOOK = 'order'

export function playbookOfOrder(order: Order): Playbook[] {
  const { kind, ttlSeconds, isMonitored = false } = order
  const step = { name: kind, actions: [actionOf(order)], ttlSeconds }
  const playbook = { name: ORDER_PLAYBOOK, match: {}, steps: [step], dryRun: isMonitored }
  return compilePlaybooks([playbookSchema.parse(playbook)])
}

/** What a person says whole is made by `planOrdered`: the step only holds its place. */
function actionOf({ kind, bitsPerSecond, flow }: Order): object {
  if (flow !== undefined || kind === 'accept' || kind === 'blackhole') return { kind: 'observe' }
  return { kind, ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }) }
}

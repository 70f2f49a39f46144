// What an operator orders about a host, as a playbook of one step that answers nothing else.

import type { Order } from '#4-detection/attack.ts'
import { compilePlaybooks, type Playbook } from './playbook.ts'
import { playbookSchema } from './playbook-config.ts'

/** Its name in reasons. */
const ORDER_PLAYBOOK = 'order'

export function playbookOfOrder({ kind, bitsPerSecond, ttlSeconds }: Order): Playbook[] {
  const action = { kind, ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }) }
  const step = { name: kind, actions: [action], ttlSeconds }
  return compilePlaybooks([playbookSchema.parse({ name: ORDER_PLAYBOOK, match: {}, steps: [step] })])
}

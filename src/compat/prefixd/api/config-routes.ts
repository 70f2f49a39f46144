// The configuration: read again, shown without secrets, playbooks replaced.

import { z } from 'zod'
import type { InventoryConfig } from '#6-policy/inventory-config.ts'
import type { PlaybookConfig } from '#6-policy/playbook-config.ts'
import type { Identity } from '#api/contract/access.ts'
import { faultsOf } from '../playbook-rules.ts'
import { type PrefixdPlaybook, prefixdPlaybooksSchema } from '../playbooks-schema.ts'
import { inventoryView, playbooksView } from './config-view.ts'
import { readBody } from './reading.ts'
import { Refusal } from './refusal.ts'
import type { DialectRoute } from './route.ts'

/** What prefixd has a file of its own for. */
export type ReloadedPart = 'inventory' | 'playbooks' | 'alerting'

export interface ConfigDesk {
  reload(
    by: Identity,
  ): Promise<
    | { readonly kind: 'done'; readonly at: string; readonly parts: readonly ReloadedPart[] }
    | { readonly kind: 'refused'; readonly detail: string; readonly errors: readonly string[] }
  >
  /** An allow-list of settings: nothing of it is a secret. */
  settings(): Promise<unknown>
  inventory(): InventoryConfig
  playbooks(): readonly PlaybookConfig[]
  /**
   * Writes them into the playbooks.yaml of prefixd's folder and reloads; when that refuses them the file is as it was.
   * `foreign`: the configuration is no folder of prefixd.
   */
  savePlaybooks(
    playbooks: readonly PrefixdPlaybook[],
    by: Identity,
  ): Promise<
    | { readonly kind: 'done' | 'foreign' }
    | { readonly kind: 'refused'; readonly errors: readonly string[] }
    | { readonly kind: 'failed'; readonly detail: string }
  >
  /** RFC 3339. */
  loadedAt(): string
}

/** Extra keys are told by the shape that is saved: unknown ones are dropped. */
const playbooksBody = z.object({ playbooks: z.array(z.unknown()) })

export const configRoutes = (desk: ConfigDesk): readonly DialectRoute[] => [
  {
    ...{ method: 'POST', path: '/v1/config/reload', role: 'admin', reach: 'everything', success: 200 },
    summary: 'Reads the configuration again: all of it is taken, or nothing.',
    handle: async request => {
      const done = await desk.reload(request.identity)
      if (done.kind === 'refused') throw new Refusal(500, done.detail, { errors: done.errors })
      return { reloaded: done.parts, timestamp: done.at }
    },
  },
  {
    ...{ method: 'GET', path: '/v1/config/settings', role: 'viewer', reach: 'everything', success: 200 },
    summary: 'Settings, those that are no secrets.',
    handle: async () => ({ settings: await desk.settings(), loaded_at: desk.loadedAt() }),
  },
  {
    ...{ method: 'GET', path: '/v1/config/inventory', role: 'viewer', reach: 'everything', success: 200 },
    summary: 'Customers, services and assets.',
    handle: async () => ({ ...inventoryView(desk.inventory()), loaded_at: desk.loadedAt() }),
  },
  {
    ...{ method: 'GET', path: '/v1/config/playbooks', role: 'viewer', reach: 'everything', success: 200 },
    summary: 'Playbooks.',
    handle: async () => shown(desk),
  },
  {
    ...{ method: 'PUT', path: '/v1/config/playbooks', role: 'admin', reach: 'everything', success: 200 },
    summary: "Replaces the playbooks of prefixd's folder.",
    body: playbooksBody,
    handle: async request => {
      const parsed = prefixdPlaybooksSchema.safeParse({
        playbooks: readBody(request, playbooksBody).playbooks,
      })
      if (!parsed.success)
        throw refused(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`))
      const { playbooks } = parsed.data
      const faults = faultsOf(playbooks).map(({ text }) => text)
      if (faults.length > 0) throw refused(faults)
      const saved = await desk.savePlaybooks(playbooks, request.identity)
      if (saved.kind === 'foreign')
        throw new Refusal(
          409,
          'the configuration is no folder of prefixd: its playbooks are at /api/v1/playbooks',
        )
      if (saved.kind === 'refused') throw refused(saved.errors)
      if (saved.kind === 'failed')
        throw new Refusal(500, 'playbooks.yaml was not written', { detail: saved.detail })
      return shown(desk)
    },
  },
]

const refused = (errors: readonly string[]): Refusal => new Refusal(400, 'invalid playbooks', { errors })

function shown(desk: ConfigDesk) {
  const playbooks = playbooksView(desk.playbooks())
  return { playbooks, total_playbooks: playbooks.length, loaded_at: desk.loadedAt() }
}

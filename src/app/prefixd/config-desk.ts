// prefixd's view of the configuration in force, and who may change it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Caller, Control } from '#api/control.ts'
import type { ConfigDesk } from '#compat/prefixd/api/config-routes.ts'
import type { PreferencesDesk } from '#compat/prefixd/api/preferences-routes.ts'
import type { Documents } from '#lib/documents.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { prefixdFolderOf } from '../config/load-prefixd.ts'
import { replaceFile, restoreFile } from '../config/replace-section.ts'
import { callerOf } from './event-room.ts'

export interface ConfigDeskOptions {
  /** As it is in force. */
  readonly config: () => ResolvedConfig
  /** What the daemon was started with; `undefined`: nothing. */
  readonly file: string | undefined
  readonly pop: string
  readonly reload: (by: Caller) => ReturnType<Control['reload']>
  readonly now: () => number
}

export function configDesk(options: ConfigDeskOptions): ConfigDesk {
  const { config, file, reload, now } = options
  let loadedAt = now()
  const folder = file === undefined ? undefined : prefixdFolderOf(file)
  const again: ConfigDesk['reload'] = async by => {
    const done = await reload(callerOf(by))
    if (done.kind === 'refused') {
      const errors = (done.errors ?? []).map(({ at, problem }) => `${at}: ${problem}`)
      return { kind: 'refused', detail: done.detail, errors }
    }
    loadedAt = now()
    return { kind: 'done', at: done.value.at }
  }
  return {
    reload: again,
    settings: () => settingsView(config(), options.pop),
    inventory: () => config().inventory,
    playbooks: () => config().playbooks,
    loadedAt: () => new Date(loadedAt).toISOString(),
    savePlaybooks: async (playbooks, by) => {
      if (folder === undefined) return { kind: 'foreign' }
      const path = join(folder, 'playbooks.yaml')
      const before = readText(path)
      if (before === undefined) return { kind: 'failed', detail: `${path} cannot be read` }
      const written = replaceFile(path, before, stringify({ playbooks }, { lineWidth: 0 }))
      if (written.kind === 'failed') return { kind: 'failed', detail: written.error }
      const done = await again(by)
      if (done.kind === 'done') return { kind: 'done' }
      restoreFile(path, before)
      return { kind: 'refused', errors: done.errors.length > 0 ? done.errors : [done.detail] }
    },
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** What prefixd shows, by name: whatever is not named here is not shown. */
function settingsView({ api, policy, mitigation, log }: ResolvedConfig, pop: string) {
  const { ttlSeconds, portsMax } = policy.bounds
  const { quotas } = policy
  return {
    ...{ pop, mode: mitigation.armed ? 'enforced' : 'dry-run' },
    http: { listen: api.listen, auth: { mode: api.access.mode } },
    guardrails: {
      ...{ require_ttl: true, min_ttl_seconds: ttlSeconds.minimum, max_ttl_seconds: ttlSeconds.maximum },
      max_ports: portsMax,
    },
    quotas: {
      max_active_per_customer: quotas.customer.activeMax ?? null,
      max_active_per_pop: quotas.pop.activeMax ?? null,
      max_active_global: quotas.global.activeMax ?? null,
    },
    timers: { min_ttl_seconds: ttlSeconds.minimum, max_ttl_seconds: ttlSeconds.maximum },
    storage: { connection_string: '[redacted]' },
    observability: { log_level: log.level },
    safelist: { count: policy.safelist.length },
  }
}

const KIND = 'preferences'

/** By identity: those without an id share theirs with all of their kind and name. */
export function preferencesDesk(documents: Documents): PreferencesDesk {
  const idOf = ({ kind, id, name }: { kind: string; id: string; name: string }) => `${kind}:${id || name}`
  return {
    preferences: by => documents.all(KIND).get(idOf(by)),
    keep: async (preferences, by) => {
      await documents.put(KIND, idOf(by), preferences)
    },
  }
}

// prefixd's view of the configuration in force, and who may change it.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Status } from '#api/contract/status.ts'
import type { Caller, Control } from '#api/control.ts'
import type { ConfigDesk } from '#compat/prefixd/api/config-routes.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { prefixdFolderOf } from '../config/load-prefixd.ts'
import { replaceFile, restoreFile } from '../config/replace-section.ts'
import { callerOf } from './event-room.ts'
import { settingsView } from './settings-view.ts'

export interface ConfigDeskOptions {
  /** As it is in force. */
  readonly config: () => ResolvedConfig
  /** What the daemon was started with; `undefined`: nothing. */
  readonly file: string | undefined
  readonly pop: string
  readonly status: () => Promise<Pick<Status, 'enforcers'>>
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
    // A file that is not there is skipped; a native one has all three.
    const hasAlerts = folder === undefined || existsSync(join(folder, 'alerting.yaml'))
    const parts = ['inventory', 'playbooks', ...(hasAlerts ? (['alerting'] as const) : [])] as const
    return { kind: 'done', at: done.value.at, parts }
  }
  return {
    reload: again,
    settings: async () => {
      const { enforcers } = await options.status()
      return settingsView({ config: config(), pop: options.pop, enforcers })
    },
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

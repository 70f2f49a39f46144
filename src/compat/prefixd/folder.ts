// A folder of prefixd: its four files become one tree of native settings, each knowing its file and line.

import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { Place, Problem, SettingPath, SettingsSource } from '#lib/schema/problem.ts'
import { type ReadAlerting, readAlerting } from './alerting.ts'
import type { PrefixdErrorCode } from './errors.ts'
import { type ReadInventory, readInventory } from './inventory.ts'
import type { Kept } from './kept.ts'
import type { KeyReport } from './key-report.ts'
import type { PrefixdFile } from './key-table.ts'
import { nativeTree, type Placed } from './native-tree.ts'
import { type ReadPlaybooks, readPlaybooks } from './playbooks.ts'
import { type ReadMainResult, readMain } from './settings.ts'

export type FileText =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly error: string }

export interface PrefixdSource extends SettingsSource {
  /** `mode: enforced` is the owner's order: armed for exactly what the playbooks name. */
  readonly isOrdered: boolean
  /** What became of each key that is written. */
  readonly keys: readonly KeyReport[]
  /** For parts that are not there yet; `undefined` when the folder is refused. */
  readonly kept: Kept | undefined
}

interface Refused {
  readonly kind: 'refused'
  readonly problems: readonly Problem[]
}

interface Parts {
  readonly main: ReadMainResult
  readonly inventory: ReadInventory
  readonly playbooks: ReadPlaybooks
  /** `undefined`: there is no such file, which is fine. */
  readonly alerting: ReadAlerting | undefined
}

/**
 * Reads the files of a folder. What is wrong with any of them refuses all, told at once; nothing is thrown. `home`: the
 * folder by its absolute path, where secrets are read again.
 */
export function readFolder(
  folder: string,
  read: (name: PrefixdFile) => FileText,
  home: string = folder,
): PrefixdSource {
  const pathOf = (name: PrefixdFile, within = folder) => `${within.replace(/(?<=.)\/+$/, '')}/${name}`
  const alerts = read('alerting.yaml')
  const open = <Result>(
    name: PrefixdFile,
    parse: (text: string, file: string) => Result,
    file: FileText = read(name),
  ): Result | Refused =>
    file.kind === 'ok' ? parse(file.text, pathOf(name)) : unreadable(pathOf(name), file)
  const main = open('prefixd.yaml', (text, file) =>
    readMain(text, file, alerts.kind !== 'missing', pathOf('prefixd.yaml', home)),
  )
  const parts: Parts = {
    main,
    inventory: open('inventory.yaml', readInventory),
    // Without prefixd.yaml its playbooks cannot be judged.
    playbooks:
      main.kind === 'ok'
        ? open('playbooks.yaml', (text, file) => readPlaybooks(text, file, main.basis))
        : { kind: 'refused', problems: [] },
    alerting:
      alerts.kind === 'missing'
        ? undefined
        : open(
            'alerting.yaml',
            (text, file) => readAlerting(text, file, pathOf('alerting.yaml', home)),
            alerts,
          ),
  }
  return join(parts, pathOf('prefixd.yaml'))
}

function unreadable(file: string, result: Exclude<FileText, { kind: 'ok' }>): Refused {
  const code: PrefixdErrorCode = 'prefixd-file'
  const message =
    result.kind === 'failed' ? result.error : 'there is no such file, and prefixd does not start without it'
  const place = { file, line: 0, column: 0, path: '' }
  return { kind: 'refused', problems: [{ ...place, code, severity: 'error', message, hint: undefined }] }
}

function join({ main, inventory, playbooks, alerting }: Parts, file: string): PrefixdSource {
  const parts = [main, inventory, playbooks, ...(alerting === undefined ? [] : [alerting])]
  const tree = nativeTree([
    ...(main.kind === 'ok' ? main.placed : []),
    ...(main.kind === 'ok' && inventory.kind === 'ok' ? placeInventory(inventory, main) : []),
    ...(playbooks.kind === 'ok' ? playbooks.placed : []),
    ...(alerting?.kind === 'ok' ? alerting.placed : []),
  ])
  return {
    settings: tree.settings,
    problems: parts.flatMap(({ problems }) => problems),
    locate: path => ofInventory(path, inventory) ?? tree.locate(path) ?? { file, line: 0, column: 0 },
    isOrdered: main.kind === 'ok' && main.isOrdered,
    keys: parts.flatMap(part => (part.kind === 'ok' ? part.keys : [])),
    kept: keptOf({ main, inventory, playbooks, alerting }),
  }
}

/** Its customers are at the POP of this daemon, and their prefixes are the networks that are watched and acted for. */
function placeInventory(
  { config: { customers }, locate }: Extract<ReadInventory, { kind: 'ok' }>,
  { settings: { pop }, place }: Extract<ReadMainResult, { kind: 'ok' }>,
): Placed[] {
  const atPop = customers.map(customer => ({
    ...customer,
    pop,
    prefixes: customer.prefixes.map(canonical),
    assets: customer.assets.map(asset => ({ ...asset, prefix: canonical(asset.prefix) })),
  }))
  const networks = atPop.flatMap(({ prefixes }, at) =>
    prefixes.map((prefix, of) => ({ prefix, place: locate(['customers', at, 'prefixes', of]) })),
  )
  return [
    { path: ['inventory', 'pops', 0, 'id'], value: pop, place: place(['pop']) },
    { path: ['inventory', 'customers'], value: atPop, place: locate(['customers']) },
    ...networks.map(({ prefix, place: at }, to) => ({ path: ['networks', to], value: prefix, place: at })),
  ]
}

/** Host bits have been told already. A range stays as it is written. */
function canonical(text: string): string {
  const prefix = parsePrefix(text)
  return prefix === undefined ? text : formatPrefix(prefix)
}

/** Inventories are long, so the place of a setting is looked for when somebody asks. */
function ofInventory([part, ...path]: SettingPath, inventory: ReadInventory): Place | undefined {
  const isIts = part === 'inventory' && path[0] === 'customers' && path.at(-1) !== 'pop'
  return isIts && inventory.kind === 'ok' ? inventory.locate(path) : undefined
}

function keptOf({ main, inventory, playbooks, alerting }: Parts): Kept | undefined {
  if (main.kind === 'refused' || inventory.kind === 'refused' || playbooks.kind === 'refused')
    return undefined
  if (alerting?.kind === 'refused') return undefined
  const { settings, bearerToken, database } = main
  return { pop: settings.pop, http: settings.http, bearerToken, database }
}

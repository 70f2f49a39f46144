// prefixd's inventory.yaml becomes our inventory, and what is wrong with it is told in its own words and lines.

import { buildInventory, type Inventory } from '#6-policy/inventory.ts'
import { type InventoryConfig, inventorySchema } from '#6-policy/inventory-config.ts'
import {
  formatPath,
  type Place,
  type Problem,
  type SettingPath,
  type SettingsSource,
} from '#lib/schema/problem.ts'
import { type PrefixdInventory, type PrefixdService, prefixdInventorySchema } from './inventory-schema.ts'
import { type KeyReport, reportKeys } from './key-report.ts'
import { noticeAt, readSettings } from './read-settings.ts'

export type ReadInventory =
  | {
      readonly kind: 'ok'
      readonly inventory: Inventory
      readonly config: InventoryConfig
      readonly problems: readonly Problem[]
      /** Where a setting of `config` is written. */
      readonly locate: (path: SettingPath) => Place
      readonly keys: readonly KeyReport[]
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/**
 * Reads the text of an inventory.yaml. It is stricter than prefixd, which takes whatever it cannot use for absent: an
 * overlap, an asset outside its customer or a text that is no address refuses the file.
 */
export function readInventory(text: string, file: string): ReadInventory {
  const read = readSettings(text, file, prefixdInventorySchema)
  if (read.kind === 'refused') return read
  const { settings, source } = read
  const said = [...read.problems, ...notices(settings, source)]
  const shaped = inventorySchema.safeParse(translate(settings))
  if (!shaped.success) {
    const beyond = shaped.error.issues.map((issue): Problem => {
      const path = pathInFile(
        issue.path.map(step => (typeof step === 'number' ? step : String(step))),
        settings,
      )
      const message = `not possible here: ${issue.message}`
      return problemAt(source, path, { code: 'prefixd-value', severity: 'error', message, hint: undefined })
    })
    return { kind: 'refused', problems: [...said, ...beyond] }
  }
  const built = buildInventory(shaped.data)
  const problems = [
    ...said,
    ...built.problems.map(({ path, ...problem }) => problemAt(source, pathInFile(path, settings), problem)),
  ]
  if (built.kind !== 'ok') return { kind: 'refused', problems }
  const locate = (path: SettingPath) => source.locate(pathInFile(path, settings), 'value')
  const keys = reportKeys('inventory.yaml', source.settings, path => source.locate(path, 'key'))
  return { kind: 'ok', inventory: built.inventory, config: shaped.data, problems, locate, keys }
}

const problemAt = (
  source: SettingsSource,
  path: SettingPath,
  problem: Pick<Problem, 'code' | 'severity' | 'message' | 'hint'>,
): Problem => ({ ...problem, ...source.locate(path, 'value'), path: formatPath(path) })

/** Assets stand within a service there, and beside the services here. */
function translate({ customers }: PrefixdInventory) {
  return {
    customers: customers.map(({ customer_id, name, prefixes, policy_profile: escalation, services }) => ({
      id: customer_id,
      name,
      prefixes,
      ...(escalation === undefined ? {} : { escalation }),
      services: services.map(service => ({
        id: service.service_id,
        name: service.name ?? service.service_id,
        allowedPorts: portsOf(service),
      })),
      assets: services.flatMap(({ service_id, assets }) =>
        assets.map(({ ip, range_end, role, interface: port }) => ({
          prefix: typeof range_end === 'string' ? `${ip}-${range_end}` : ip,
          service: service_id,
          ...(typeof role === 'string' ? { role } : {}),
          ...(typeof port === 'string' ? { interface: port } : {}),
        })),
      ),
    })),
  }
}

/** An empty list says nothing about a protocol, as there. */
function portsOf({ allowed_ports: ports }: PrefixdService) {
  const { udp = [], tcp = [] } = ports ?? {}
  return { ...(udp.length === 0 ? {} : { udp }), ...(tcp.length === 0 ? {} : { tcp }) }
}

/** Keys that are called otherwise there. */
const NAMES: ReadonlyMap<SettingPath[number], string> = new Map([
  ['allowedPorts', 'allowed_ports'],
  ['prefix', 'ip'],
])

/** Where in prefixd's file a setting of ours was written. */
function pathInFile(path: SettingPath, { customers }: PrefixdInventory): SettingPath {
  const [root = 'customers', customer, part, number, ...rest] = path
  const services = typeof customer === 'number' ? customers[customer]?.services : undefined
  const names = rest.map(step => NAMES.get(step) ?? step)
  if (part === 'id') return [root, customer ?? 0, 'customer_id']
  if (customer === undefined || part === undefined || number === undefined) return path
  if (part === 'services' && rest[0] === 'id') return [root, customer, part, number, 'service_id']
  if (part !== 'assets' || services === undefined) return [root, customer, part, number, ...names]
  let before = 0
  for (const [at, { assets }] of services.entries()) {
    const within = Number(number) - before
    if (within < assets.length) return [root, customer, 'services', at, 'assets', within, ...names]
    before += assets.length
  }
  return [root, customer]
}

function notices({ customers }: PrefixdInventory, source: SettingsSource): Problem[] {
  return customers.flatMap(({ policy_profile, services }, at) => {
    const path = ['customers', at]
    const ofProfile =
      policy_profile === undefined || policy_profile === 'normal'
        ? []
        : [
            noticeAt(
              source,
              'prefixd-now-real',
              [...path, 'policy_profile'],
              `policy_profile: ${policy_profile} has later steps of a playbook follow after ${policy_profile === 'strict' ? 'half' : 'twice'} their seconds; nothing that runs in prefixd reads it`,
            ),
          ]
    return [
      ...ofProfile,
      ...services.flatMap((service, of) => assetNotices(service, [...path, 'services', of], source)),
    ]
  })
}

function assetNotices({ assets }: PrefixdService, path: SettingPath, source: SettingsSource): Problem[] {
  return assets.flatMap(({ ip, range_end }, at) => {
    if (typeof range_end !== 'string') return []
    const range = `the asset is ${ip}-${range_end}; prefixd ignores range_end and knows ${ip} alone`
    return [noticeAt(source, 'prefixd-range-end', [...path, 'assets', at, 'range_end'], range)]
  })
}

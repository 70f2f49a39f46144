// The verb doctor: looks at the machine and the configuration and says what would keep the daemon from its work.

import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRing } from '#1-capture/af-packet/ring.ts'
import { socketClient } from '#api/contract/client.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { hasCapability } from '#lib/linux/capability.ts'
import { defaultInterface, interfaceNames } from '#lib/linux/interface.ts'
import { InterfaceRequests } from '#lib/linux/interface-request.ts'
import { SystemCallError } from '#lib/linux/libc.ts'
import { readNetwork } from '#lib/linux/network-reading.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { formatProblem } from '../config/format-problem.ts'
import { loadConfig } from '../config/load.ts'
import { daemonAnswers } from './daemon-answers.ts'
import { protectionFindings } from './doctor-protection.ts'
import { databaseFindings } from './doctor-state.ts'
import { socketFindings, streamFindings, telemetryFindings } from './doctor-telemetry.ts'

export interface DoctorOptions {
  readonly config: string | undefined
  readonly state: string
  readonly socket: string
  readonly json: boolean
}

interface Output {
  out(text: string): void
  err(text: string): void
}

/** One thing looked at. `remedy` says what to do when it is not ok. */
export interface Finding {
  readonly name: string
  readonly verdict: 'ok' | 'warning' | 'bad'
  readonly detail: string
  readonly remedy?: string
}

/** Exit code 0 when nothing is bad, 1 otherwise. */
export async function doctor(options: DoctorOptions, output: Output): Promise<number> {
  const loaded = loadConfig({ file: options.config })
  const findings: Finding[] = [
    ...loaded.problems
      .filter(problem => problem.severity !== 'notice')
      .map(problem => ({
        name: 'configuration',
        verdict: problem.severity === 'error' ? ('bad' as const) : ('warning' as const),
        detail: formatProblem(problem),
      })),
    ...(loaded.kind === 'ok' ? machineFindings(loaded.config) : []),
    ...(loaded.kind === 'ok' ? await protectionFindings(loaded.config) : []),
    stateFinding(options.state),
    ...(loaded.kind === 'ok' ? await databaseFindings(loaded.config.store.postgres) : []),
    await daemonFinding(options.socket),
    ...(loaded.kind === 'ok' ? await flowFindings(loaded.config, options.socket) : []),
  ]
  output.out(options.json ? `${JSON.stringify({ findings }, null, 2)}\n` : findings.map(findingText).join(''))
  return findings.some(({ verdict }) => verdict === 'bad') ? 1 : 0
}

function machineFindings(config: ResolvedConfig): Finding[] {
  const names = config.capture.interfaces.length > 0 ? config.capture.interfaces : [defaultInterface()]
  const permission = permissionFinding()
  const interfaces = names.flatMap(name =>
    name === undefined ? [noRoute()] : interfaceFindings(name, config, permission.verdict === 'ok'),
  )
  return [
    kernelFinding(),
    ...(config.capture.method === 'off' ? [] : [permission, ...interfaces]),
    memoryFinding(config),
  ]
}

const kernelFinding = (): Finding => ({
  name: 'runtime',
  verdict: 'ok',
  detail: `Node ${process.versions.node}, ${process.arch}, Linux ${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}`,
})

function permissionFinding(): Finding {
  if (hasCapability('netRaw')) return { name: 'permission', verdict: 'ok', detail: 'CAP_NET_RAW is there' }
  const remedy = 'run as root, or as a service with AmbientCapabilities=CAP_NET_RAW'
  return {
    name: 'permission',
    verdict: 'bad',
    detail: 'CAP_NET_RAW is missing: no packet can be captured',
    remedy,
  }
}

const noRoute = (): Finding => ({
  name: 'interface',
  verdict: 'bad',
  detail: 'there is no default route, so no interface to capture on by default',
  remedy: `name one: floodwarden run INTERFACE (there are ${interfaceNames().join(', ')})`,
})

function interfaceFindings(name: string, config: ResolvedConfig, mayCapture: boolean): Finding[] {
  const requests = new InterfaceRequests()
  const isUp = requests.isUp(name)
  const offloads = requests.offloadsOf(name)
  requests.close()
  if (isUp === undefined) {
    const remedy = `there are ${interfaceNames().join(', ')}`
    return [{ name, verdict: 'bad', detail: 'there is no such interface', remedy }]
  }
  const findings: Finding[] = [
    isUp
      ? { name, verdict: 'ok', detail: 'up' }
      : { name, verdict: 'warning', detail: 'down or without carrier', remedy: `ip link set ${name} up` },
  ]
  const joins = [...(offloads?.gro ? ['gro'] : []), ...(offloads?.lro ? ['lro'] : [])]
  if (joins.length > 0) {
    const detail = `joins packets before they are counted (${joins.join(', ')}): fewer and longer ones are seen`
    const remedy = `ethtool -K ${name} ${joins.map(join => `${join} off`).join(' ')}`
    findings.push({ name, verdict: 'warning', detail, remedy })
  }
  if (mayCapture) findings.push(ringFinding(name, config))
  return findings
}

/** Opens a ring as the daemon would, and closes it. */
function ringFinding(name: string, { capture }: ResolvedConfig): Finding {
  const { ringMegabytes, snapBytes, fanout, direction } = capture
  try {
    openRing({
      interface: name,
      ringMegabytes,
      snapBytes,
      fanoutGroup: undefined,
      fanoutMode: fanout,
      promiscuous: false,
      direction,
    }).close()
    return { name, verdict: 'ok', detail: `a ring of ${ringMegabytes} MiB can be opened` }
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    return { name, verdict: 'bad', detail: `a ring cannot be opened: ${error.message}` }
  }
}

function memoryFinding({ capture }: ResolvedConfig): Finding {
  const available =
    Number(/^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) / 1024
  const rings = Math.max(1, capture.interfaces.length) * capture.workers * capture.ringMegabytes
  const detail = `${Math.floor(available)} MiB available, rings take ${rings} MiB`
  if (rings < available / 2) return { name: 'memory', verdict: 'ok', detail }
  return {
    name: 'memory',
    verdict: 'warning',
    detail,
    remedy: 'lower capture.ringMegabytes or capture.workers',
  }
}

function stateFinding(state: string): Finding {
  const name = 'state directory'
  let place = state
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  try {
    accessSync(place, constants.W_OK)
    return { name, verdict: 'ok', detail: state }
  } catch {
    return {
      name,
      verdict: 'bad',
      detail: `${state} cannot be written`,
      remedy: 'name another one with --state',
    }
  }
}

/** What grows is seen by looking twice, so long apart. */
const LOOK_SECONDS = 1

/** What the daemon and the kernel know of what exporters send; without a daemon, whether it could receive. */
async function flowFindings(config: ResolvedConfig, socket: string): Promise<Finding[]> {
  const { listen, tcp } = config.telemetry
  if (listen.length + tcp.length === 0) return []
  const ask = () => socketClient(socket).call(ROUTES.exporters, {})
  const first = await ask()
  if (first.kind === 'failed') return [...socketFindings(config), ...(await streamFindings(config))]
  // The daemon may take a while to answer, which is not to be part of the second in which packets are counted.
  const earlier = readNetwork()
  await sleep(LOOK_SECONDS * 1000)
  const later = readNetwork()
  const second = await ask()
  const exporters = second.kind === 'failed' ? first.value : second.value
  const arrival = { seconds: LOOK_SECONDS, earlier, later, earlierListeners: first.value.listeners }
  return telemetryFindings({ config, exporters, nowMs: Date.now(), arrival })
}

async function daemonFinding(socket: string): Promise<Finding> {
  const isRunning = await daemonAnswers(socket)
  return {
    name: 'daemon',
    verdict: 'ok',
    detail: isRunning ? `answers on ${socket}` : `none answers on ${socket}`,
  }
}

function findingText({ name, verdict, detail, remedy }: Finding): string {
  const line = `${verdict.padEnd(8)}${name}: ${detail}\n`
  return remedy === undefined ? line : `${line}        ${remedy}\n`
}

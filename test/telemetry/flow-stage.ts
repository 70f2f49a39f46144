// A daemon that hears exporters over loopback, and templates and records for it.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fieldsOf, number, optionsTemplate, set, template } from '#2-decode/flow-exports-for-tests.ts'
import type { Exporter } from '#api/contract/exporters.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { freePort } from '../../lab/free-port.ts'
import { recordingScript } from '../../lab/recording-script.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { Metrics, metricsFrom } from '../metrics-endpoint.ts'
import { freeUdpPort, TelemetrySender } from '../telemetry-sender.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'

export const VICTIM = '10.99.1.250'
export const LIMIT = 20_000
export const MINUTE = { timeout: 240_000 }

interface Plan {
  readonly telemetry?: string
  readonly detection?: string
  readonly state?: string
}

export async function openStage(t: TestContext, { telemetry = '', detection = '', state }: Plan = {}) {
  const folder = temporaryFolder(t)
  const script = recordingScript(folder)
  const [port, metricsPort] = [await freeUdpPort(), await freePort()]
  const config = join(folder, 'config.yaml')
  const write = (listed: string) =>
    writeFileSync(
      config,
      `networks: [10.99.1.0/24, 2001:db8:99::/48]
capture: { method: off }
telemetry:
  listen: ['127.0.0.1:${port}']
${listed}
metrics: { listen: '127.0.0.1:${metricsPort}' }
mitigation: { armed: true }
enforcement: { notifyScript: { path: ${script.path} } }
detection:
  banSeconds: 5
  thresholds: { incoming: { packetsPerSecond: ${LIMIT} } }
${detection}
`,
    )
  write(telemetry)
  const plan = { state: state ?? join(folder, 'state'), words: ['--config', config] }
  const start = async () => {
    const daemon = await RunningDaemon.start(plan)
    t.after(() => daemon[Symbol.asyncDispose]())
    return daemon
  }
  const metrics = async () =>
    new Metrics(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text())
  /** The metrics when so many incoming packets over IPv4 are counted, or more. */
  const counted = (packets: number) =>
    metricsFrom(metrics, {
      ...{ name: 'floodwarden_traffic_packets_total', atLeast: packets },
      labels: { direction: 'incoming', family: 'ipv4' },
    })
  return {
    start,
    write,
    script,
    port,
    metrics,
    counted,
    plan,
    sender: (from?: string) => TelemetrySender.open(t, port, from),
  }
}

export async function exporterOf(daemon: RunningDaemon, address = '127.0.0.1'): Promise<Exporter> {
  const { exporters } = await daemon.call(ROUTES.exporters, {})
  const found = exporters.find(exporter => exporter.address === address)
  assert.ok(found, `${address} is not among ${exporters.map(exporter => exporter.address).join(' ')}`)
  return found
}

/** Waits until an exporter has told what is meant. */
export const untilExporter = (
  daemon: RunningDaemon,
  isSo: (exporter: Exporter) => boolean,
  address = '127.0.0.1',
): Promise<void> =>
  until(async () => {
    const { exporters } = await daemon.call(ROUTES.exporters, {})
    return exporters.some(exporter => exporter.address === address && isSo(exporter))
  }, `${address}: ${isSo}`)

/** Template 256: addresses, ports, protocol, packets, bytes. Template 300 of options: sampling interval of the domain. */
const FIELDS = fieldsOf('8:4 12:4 7:2 11:2 4:1 2:4 1:4')
export const teach = set(2, [template(256, FIELDS)])
export const teachRate = set(3, [optionsTemplate(300, [[149, 4]], [[34, 4]])])
export const rate = (value: number) => set(300, [[...number(7, 4), ...number(value, 4)]])
export const record = (packets: number) => [
  ...[198, 18, 0, 7],
  ...[10, 99, 1, 250],
  ...[...number(53, 2), ...number(4000, 2), 17],
  ...[...number(packets, 4), ...number(packets * 1000, 4)],
]

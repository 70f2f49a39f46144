// FastNetMon as installed, with a configuration of its own and nothing switched on but packet capture or flow telemetry.

import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { assert } from '#lib/assert.ts'
import { COUNTED, type Detector, type DetectorOptions, endProcess, TELEMETRY_PORT } from './detector.ts'

const PROGRAM = '/usr/sbin/fastnetmon'
const PORT = 9409
const READY_SECONDS = 240
/** It answers before it captures, and says nowhere when it does. */
const SETTLE_MILLISECONDS = 3000

export interface FastnetmonOptions extends DetectorOptions {
  /** Keeps every flow, so that it can count them: its own default is on. */
  readonly tracking: boolean
}

export function hasFastnetmon(): boolean {
  try {
    accessSync(PROGRAM, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Starts it and waits until it captures. */
export async function startFastnetmon(options: FastnetmonOptions): Promise<Detector> {
  const { networks, tracking } = options
  const { lab, reader } = options.stage
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
  writeFileSync(join(folder, 'networks_list'), `${networks.join('\n')}\n`)
  writeFileSync(join(folder, 'networks_whitelist'), '')
  const file = join(folder, 'fastnetmon.conf')
  const settings = Object.entries(settingsOf(options, folder))
  writeFileSync(file, settings.map(([name, value]) => `${name} = ${value}\n`).join(''))
  const log = join(folder, 'fastnetmon.log')
  const began = performance.now()
  const argv = [PROGRAM, '--configuration_file', file, '--log_file', log, '--disable_pid_logic']
  const child = lab.spawn('detector', argv, { stdio: 'ignore' })
  await reader.until(PORT, metrics => metrics.size > 0, READY_SECONDS)
  const startSeconds = (performance.now() - began) / 1000
  await delay(SETTLE_MILLISECONDS)
  assert(child.pid !== undefined, 'a process that answers has a number')
  return {
    name: `FastNetMon, tracking ${tracking ? 'on' : 'off'}`,
    pid: child.pid,
    startSeconds,
    metrics: () => reader.read(PORT),
    settled: () => reader.settled(PORT, COUNTED),
    [Symbol.asyncDispose]: async () => {
      // It does not always end on SIGTERM or SIGINT.
      await endProcess(child, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function settingsOf(
  { stage, limit, script, tracking, source = 'packets' }: FastnetmonOptions,
  folder: string,
) {
  const isLimited = limit !== undefined
  const telemetry = source === 'telemetry' ? 'on' : 'off'
  return {
    logging_level: 'info',
    disable_usage_report: 'on',
    enable_ban: isLimited ? 'on' : 'off',
    enable_ban_ipv6: isLimited ? 'on' : 'off',
    process_incoming_traffic: 'on',
    process_outgoing_traffic: 'on',
    ban_details_records_count: 0,
    ban_time: 1900,
    unban_only_if_attack_finished: 'on',
    enable_connection_tracking: tracking ? 'on' : 'off',
    ban_for_pps: isLimited ? 'on' : 'off',
    ban_for_bandwidth: 'off',
    ban_for_flows: 'off',
    threshold_pps: limit ?? 0,
    mirror_afpacket: source === 'packets' ? 'on' : 'off',
    mirror_af_packet_fanout_mode: 'cpu',
    interfaces: stage.link.to.interface,
    average_calculation_time: 5,
    speed_calculation_delay: 1,
    netflow: telemetry,
    netflow_host: '127.0.0.1',
    netflow_port: TELEMETRY_PORT.netflow,
    sflow: telemetry,
    sflow_host: '127.0.0.1',
    sflow_port: TELEMETRY_PORT.sflow,
    monitor_local_ip_addresses: 'off',
    enable_api: 'off',
    collect_attack_pcap_dumps: 'off',
    prometheus: 'on',
    prometheus_host: '127.0.0.1',
    prometheus_port: PORT,
    networks_list_path: join(folder, 'networks_list'),
    white_list_path: join(folder, 'networks_whitelist'),
    pid_path: join(folder, 'pid'),
    cli_stats_file_path: join(folder, 'screen4'),
    cli_stats_ipv6_file_path: join(folder, 'screen6'),
    ...(script === undefined ? {} : { notify_script_path: script }),
  }
}

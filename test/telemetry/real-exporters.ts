// Real exporters of Debian in a lab's namespace: softflowd and pmacct's probes, each sending what it sees to an address of its own.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../lab/namespace.ts'

export interface RealExporter {
  readonly name: string
  readonly program: 'softflowd' | 'pmacctd'
  readonly protocol: 'sflow' | 'netflow5' | 'netflow9' | 'ipfix'
  /** NetFlow v5 has no IPv6. */
  readonly hasIpv6: boolean
  /** Bytes of a packet that its records leave out: flows count from the IP header on, samples of packets the frame. */
  readonly leavesOut: number
  /** One packet in so many is reported. */
  readonly rate: number
  /** What its messages go over. */
  readonly transport: 'udp' | 'tcp'
  readonly settings: readonly string[]
}

const ETHERNET_BYTES = 14
const SAMPLED = 10

const flows = { leavesOut: ETHERNET_BYTES, rate: 1 } as const
const softflowd = (
  protocol: RealExporter['protocol'],
  version: string,
  transport: RealExporter['transport'] = 'udp',
): RealExporter => ({
  name: transport === 'udp' ? `softflowd ${protocol}` : `softflowd ${protocol} over TCP`,
  program: 'softflowd',
  protocol,
  transport,
  hasIpv6: protocol !== 'netflow5',
  ...flows,
  settings: ['-v', version, '-P', transport],
})
const nfprobe = (protocol: RealExporter['protocol'], version: string): RealExporter => ({
  name: `pmacct ${protocol}`,
  program: 'pmacctd',
  protocol,
  transport: 'udp',
  hasIpv6: protocol !== 'netflow5',
  ...flows,
  settings: [
    'plugins: nfprobe',
    `nfprobe_version: ${version}`,
    'nfprobe_timeouts: tcp=1:tcp.rst=1:tcp.fin=1:udp=1:icmp=1:general=1:maxlife=2:expint=1',
    'aggregate: src_host,dst_host,src_port,dst_port,proto,tos',
  ],
})

export const REAL_EXPORTERS: readonly RealExporter[] = [
  softflowd('netflow5', '5'),
  softflowd('netflow9', '9'),
  softflowd('ipfix', '10'),
  softflowd('ipfix', '10', 'tcp'),
  nfprobe('netflow5', '5'),
  nfprobe('netflow9', '9'),
  nfprobe('ipfix', '10'),
  {
    name: 'pmacct sflow',
    program: 'pmacctd',
    protocol: 'sflow',
    transport: 'udp',
    hasIpv6: true,
    leavesOut: 0,
    rate: SAMPLED,
    settings: ['plugins: sfprobe', `sampling_rate: ${SAMPLED}`],
  },
]

/** What each says when it captures. */
const READY = { softflowd: 'Exporting flows', pmacctd: 'link type is' } as const
const START_SECONDS = 10
/** The probe of pmacct is a process of its own, which says nothing when it is ready. */
const SETTLE_MS = 500

export interface Place {
  readonly lab: Lab
  readonly role: string
  readonly interface: string
  /** An address of the namespace itself, so that it is the exporter's as well. */
  readonly collector: string
  readonly folder: string
}

export const COLLECTOR_PORT = 2055

/** The running exporters; they end with the lab at the latest. */
export class RunningExporters {
  readonly #children: readonly ChildProcess[]

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children
  }

  /** Starts them and waits until all capture; rejects with the name of one that does not. */
  static async start(exporters: readonly (readonly [RealExporter, Place])[]): Promise<RunningExporters> {
    const children = exporters.map(([exporter, place]) =>
      place.lab.spawn(place.role, ['sh', '-c', RUN, 'sh', ...argvOf(exporter, place)], {
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    )
    await Promise.all(exporters.map(([exporter], at) => captures(exporter, children[at]!)))
    await sleep(SETTLE_MS)
    return new RunningExporters(children)
  }

  /** Ends them; each sends first what it has gathered. */
  async end(): Promise<void> {
    await Promise.all(
      this.#children.map(async child => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const ended = once(child, 'exit')
        child.kill('SIGINT')
        await ended
      }),
    )
  }

  /** Which of them have ended by themselves, by their place in the list. */
  get ended(): readonly number[] {
    return this.#children.flatMap(({ exitCode, signalCode }, at) =>
      exitCode === null && signalCode === null ? [] : [at],
    )
  }
}

/** Both write to standard error what they do. */
const RUN = 'PATH=$PATH:/usr/sbin exec "$@" 2>&1'

function captures({ name, program }: RealExporter, child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    const fail = (): void => reject(new Error(`${name} does not capture: ${text}`))
    const late = setTimeout(fail, START_SECONDS * 1000)
    child.once('exit', fail)
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      // Read to its end, so that nobody waits for us; kept only until it is ready.
      if (text.includes(READY[program])) return
      text += more
      if (!text.includes(READY[program])) return
      clearTimeout(late)
      child.off('exit', fail)
      resolve()
    })
  })
}

function argvOf(exporter: RealExporter, place: Place): string[] {
  const to = `${place.collector}:${COLLECTOR_PORT}`
  if (exporter.program === 'softflowd') {
    const timeouts = ['tcp', 'tcp.rst', 'tcp.fin', 'udp', 'icmp', 'general', 'expint']
      .map(name => `${name}=1`)
      .concat('maxlife=2')
    return [
      ...['softflowd', '-d', '-i', place.interface, '-n', to, '-c', 'none', '-m', '100000'],
      ...['-p', join(place.folder, 'softflowd.pid')],
      ...timeouts.flatMap(timeout => ['-t', timeout]),
      ...exporter.settings,
    ]
  }
  const config = join(place.folder, 'pmacctd.conf')
  const receiver = exporter.protocol === 'sflow' ? 'sfprobe' : 'nfprobe'
  const lines = [
    'daemonize: false',
    `pcap_interface: ${place.interface}`,
    'snaplen: 128',
    'plugin_pipe_size: 8388608',
    'plugin_buffer_size: 65536',
    `${receiver}_receiver: ${to}`,
    ...(exporter.protocol === 'sflow' ? [`sfprobe_agentip: ${place.collector}`] : []),
    ...exporter.settings,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  return ['pmacctd', '-f', config]
}

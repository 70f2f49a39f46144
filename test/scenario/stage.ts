// Where a live scenario plays: a lab, the real daemon in its detector, and a script that writes its calls down.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FloodOptions, startFlood } from '../../lab/flood.ts'
import { Lab, type Link } from '../../lab/namespace.ts'
import type { LabPlan } from '../../lab/plan.ts'
import { type RecordedCall, type RecordingScript, recordingScript } from '../../lab/recording-script.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import type { Sent } from '../../lab/sent.ts'
import { type Metrics, metricsInLab } from '../metrics-endpoint.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export class Stage implements AsyncDisposable {
  readonly lab: Lab
  readonly daemon: RunningDaemon
  readonly script: RecordingScript

  /** `settings` are YAML; `then` is what the script does when it has written a call down. */
  static open(t: TestContext, plan: LabPlan, settings: string, then = ''): Promise<Stage> {
    const write = (links: readonly Link[], script: string): string => {
      const interfaces = `[${links.map(({ to }) => to.interface).join(', ')}]`
      const rest = [
        'networks: [10.10.0.0/16, 2001:db8:10::/48]',
        'mitigation: { armed: true }',
        ...(settings.includes('capture:') ? [] : ['capture: { interfaces: INTERFACES }']),
        ...(settings.includes('enforcement:') ? [] : ['enforcement: { notifyScript: { path: SCRIPT } }']),
      ]
      return `${[settings, ...rest].join('\n').replace('INTERFACES', interfaces).replace('SCRIPT', script)}\n`
    }
    return Stage.openWith(t, plan, 'config.yaml', write, then)
  }

  static async openWith(
    t: TestContext,
    plan: LabPlan,
    file: string,
    write: (links: readonly Link[], script: string) => string,
    then = '',
  ): Promise<Stage> {
    const folder = temporaryFolder(t)
    const script = recordingScript(folder, then)
    const lab = await Lab.create(plan)
    try {
      const config = join(folder, file)
      writeFileSync(config, write(lab.links, script.path))
      const daemon = await RunningDaemon.start({
        state: join(folder, 'state'),
        words: ['--config', config],
        spawn: (argv, options) => lab.spawn('detector', argv, options),
      })
      return new Stage(lab, daemon, script)
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(lab: Lab, daemon: RunningDaemon, script: RecordingScript) {
    this.lab = lab
    this.daemon = daemon
    this.script = script
  }

  /** Sends over the first cable, all at once, and waits until all has been sent. */
  send<Floods extends readonly FloodOptions[]>(...floods: Floods) {
    const [link] = this.lab.links as [Link]
    const sent = floods.map((flood, at) => startFlood(this.lab, link, { seed: at + 1, ...flood }).sent)
    return Promise.all(sent) as Promise<{ [Place in keyof Floods]: Awaited<(typeof sent)[number]> }>
  }

  /** Metrics once so many packets were counted; fails when it was another number, or any was dropped. */
  async counted(packets: number): Promise<Metrics> {
    let metrics = await metricsInLab(this.lab)
    const processed = () => metrics.value('fastnetmon_total_simple_packets_processed')
    for (let tries = 0; processed() < packets && tries < 100; tries++) {
      await sleep(200)
      metrics = await metricsInLab(this.lab)
    }
    assert.equal(processed(), packets)
    assert.equal(metrics.value('fastnetmon_af_packet_socket_dropped_packets'), 0)
    return metrics
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon[Symbol.asyncDispose]()
    await this.lab[Symbol.asyncDispose]()
  }
}

/** The three calls of one attack, whole and in order, with a power near the rate at which the flood was sent. */
export function assertLife(
  calls: readonly RecordedCall[],
  { host, direction, flood }: { host: string; direction: string; flood: Sent },
): void {
  assert.deepEqual(
    calls.map(({ action }) => action),
    ['ban', 'attack_details', 'unban'],
  )
  const [ban, , unban] = calls
  const power = Number(ban?.argv[2])
  // A machine that stood still makes the generator send what is due in a burst: that is what there was to measure.
  const { pps, busiestPps = pps } = flood
  const told = `power ${power}, sent ${pps} packets/s, at most ${busiestPps} in a tenth of a second`
  assert.ok(power > pps * 0.8 && power < Math.max(pps * 1.2, busiestPps), told)
  for (const { argv, action, environment } of calls) {
    assert.deepEqual(argv, [host, direction, String(power), action])
    assert.equal(environment['FLOODWARDEN_HOSTGROUP'], 'global')
    assert.equal(environment['FLOODWARDEN_THRESHOLD'], 'packets')
    assert.match(environment['FLOODWARDEN_ATTACK_ID'] ?? '', /^[a-z0-9]+-\d+$/)
    assert.ok(Number(environment['FLOODWARDEN_VALUE']) > Number(environment['FLOODWARDEN_LIMIT']))
  }
  assert.equal(new Set(calls.map(({ environment }) => environment['FLOODWARDEN_ATTACK_ID'])).size, 1)
  assert.deepEqual([unban?.stdin, unban?.stdinIs], ['', '/dev/null'])
}

// The daemon of a soak, in a lab, with a script that writes down its calls.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lab } from '../../lab/namespace.ts'
import { type RecordingScript, recordingScript } from '../../lab/recording-script.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'

export class SoakStage implements AsyncDisposable {
  readonly #folder: string
  readonly #daemon: RunningDaemon
  readonly #script: RecordingScript

  private constructor(folder: string, daemon: RunningDaemon, script: RecordingScript) {
    this.#folder = folder
    this.#daemon = daemon
    this.#script = script
  }

  /** Watches the lab's networks with short bans and room for few IPv6 hosts, so that the bound is reached. */
  static async open(lab: Lab, hostsMax: number): Promise<SoakStage> {
    const folder = mkdtempSync(join(tmpdir(), 'floodwarden-soak-'))
    const script = recordingScript(folder)
    const config = join(folder, 'floodwarden.yaml')
    writeFileSync(config, configText(lab.links[0]?.to.interface ?? '', script.path, hostsMax))
    const daemon = await RunningDaemon.start({
      state: join(folder, 'state'),
      words: ['--config', config],
      spawn: (argv, options) => lab.spawn('detector', argv, options),
    })
    return new SoakStage(folder, daemon, script)
  }

  get pid(): number {
    return this.#daemon.pid
  }

  /** What the script was called with for this host, in order. */
  actionsOf(host: string): string[] {
    return this.#script
      .calls()
      .filter(call => call.host === host)
      .map(call => call.action)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const configText = (name: string, script: string, hostsMax: number): string => `
networks: [10.10.0.0/16, 2001:db8:10::/48]
capture: { interfaces: [${name}] }
traffic: { hostsMax: ${hostsMax}, idleSeconds: 5 }
detection: { banSeconds: 2, holdSeconds: 1 }
evidence: { collectSeconds: 1 }
mitigation: { armed: true }
enforcement: { notifyScript: { path: ${script} } }
`

// Open vSwitch with its datapath in user space, in a lab's namespace: a switch that samples what comes to one of its ports,
// and sends sFlow, NetFlow v5 and IPFIX. Nothing of it lies outside of its folder.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from '../command.ts'
import type { Lab } from '../namespace.ts'

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
const BRIDGE = 'switch0'
/** Seconds until it has told of a flow that goes on. */
const ACTIVE_SECONDS = 1
/** It is still busy with its ports when it says that it is set up, and loses what comes to them meanwhile. */
const SET_UP_MS = 4000

export interface SwitchPlan {
  readonly lab: Lab
  readonly role: string
  readonly folder: string
  /** The port whose packets are told of. */
  readonly interface: string
  /** `address:port` of who is told; missing: not in this protocol. */
  readonly sflow?: { readonly target: string; readonly rate: number }
  readonly netflow?: { readonly target: string }
  readonly ipfix?: { readonly target: string }
}

export class OpenVswitch implements AsyncDisposable {
  readonly #folder: string
  readonly #namespace: string

  private constructor({ folder, lab, role }: SwitchPlan) {
    this.#folder = folder
    this.#namespace = lab.namespace(role)
  }

  /** Starts it; packets of the port are told of when this settles. */
  static async start(plan: SwitchPlan): Promise<OpenVswitch> {
    mkdirSync(plan.folder)
    const running = new OpenVswitch(plan)
    try {
      await running.#begin(plan)
      return running
    } catch (error) {
      await running[Symbol.asyncDispose]()
      throw error
    }
  }

  async #begin(plan: SwitchPlan): Promise<void> {
    const database = join(this.#folder, 'conf.db')
    await this.#run(['ovsdb-tool', 'create', database, SCHEMA])
    await this.#run(['ovsdb-server', database, `--remote=p${this.#socket}`, ...this.#daemon('ovsdb-server')])
    await this.#configure(['init'], '--no-wait')
    await this.#run(['ovs-vswitchd', this.#socket, ...this.#daemon('ovs-vswitchd')])
    await this.#configure(['add-br', BRIDGE, '--', 'set', 'bridge', BRIDGE, 'datapath_type=netdev'])
    await this.#configure(['add-port', BRIDGE, plan.interface])
    await this.#run(['ip', 'link', 'set', BRIDGE, 'up'])
    await this.#tell(plan)
    await new Promise(resolve => setTimeout(resolve, SET_UP_MS))
  }

  async #tell({ sflow, netflow, ipfix }: SwitchPlan): Promise<void> {
    const tell = (table: string, words: readonly string[]) =>
      this.#configure([
        '--',
        '--id=@it',
        'create',
        table,
        ...words,
        '--',
        'set',
        'bridge',
        BRIDGE,
        `${table}=@it`,
      ])
    if (sflow !== undefined)
      await tell('sflow', [
        ...['agent=lo', `targets="${sflow.target}"`, 'header=128'],
        ...[`sampling=${sflow.rate}`, 'polling=1'],
      ])
    if (netflow !== undefined)
      await tell('netflow', [`targets="${netflow.target}"`, `active_timeout=${ACTIVE_SECONDS}`])
    if (ipfix !== undefined)
      await tell('ipfix', [
        ...[`targets="${ipfix.target}"`, 'sampling=1'],
        ...[`cache_active_timeout=${ACTIVE_SECONDS}`, 'cache_max_flows=65536'],
      ])
  }

  get #socket(): string {
    return `unix:${join(this.#folder, 'db.sock')}`
  }

  #daemon(name: string): string[] {
    const file = (end: string) => join(this.#folder, `${name}.${end}`)
    return ['--detach', '--no-chdir', `--pidfile=${file('pid')}`, `--log-file=${file('log')}`]
  }

  #configure(words: readonly string[], ...options: readonly string[]): Promise<string> {
    return this.#run(['ovs-vsctl', `--db=${this.#socket}`, '--timeout=10', ...options, ...words])
  }

  /** In the namespace, with all of its files in the folder. */
  #run(argv: readonly string[]): Promise<string> {
    const folders = ['OVS_RUNDIR', 'OVS_LOGDIR', 'OVS_DBDIR', 'OVS_SYSCONFDIR'].map(
      name => `${name}=${this.#folder}`,
    )
    const path = `PATH=${process.env['PATH']}:/usr/sbin:/sbin`
    return mustRun(['ip', 'netns', 'exec', this.#namespace, 'env', path, ...folders, ...argv])
  }

  /** Takes the switch away: what it has gathered of flows is told. */
  async end(): Promise<void> {
    await this.#configure(['del-br', BRIDGE])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of ['ovs-vswitchd', 'ovsdb-server']) {
      const pid = pidOf(join(this.#folder, `${name}.pid`))
      if (pid === undefined) continue
      process.kill(pid, 'SIGTERM')
      await gone(pid)
    }
  }
}

function pidOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** They are no children of ours: whether they are there is asked until they are not. */
async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  process.kill(pid, 'SIGKILL')
}

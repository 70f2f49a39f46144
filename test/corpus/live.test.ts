// The corpus called by live daemons for real floods, a host for each script, all at the same time.
//
// One daemon has a fastnetmon.conf and its files; the other a short time limit, for scripts that sleep and hang.

import assert from 'node:assert/strict'
import { mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../lab/command.ts'
import { Lab, type Link } from '../../lab/namespace.ts'
import { floodHosts } from '../../lab/peer/flood-hosts.ts'
import { attackFolder, withOwnVarLog } from '../../lab/peer/own-var-log.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import { FLOODWARDEN } from '../../lab/running-daemon.ts'
import type { TrafficPart } from '../../lab/traffic.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { type Metrics, metricsInLab } from '../metrics-endpoint.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { scriptPath } from './parsers.ts'
import { type CorpusScript, QUICK, SLEEP_SECONDS, SLOW, TIMEOUT_SECONDS } from './scripts.ts'

interface Player {
  readonly folder: string
  readonly port: number
  readonly scripts: readonly CorpusScript[]
  readonly words: readonly string[]
}

const ACTIONS = ['ban', 'attack_details', 'unban'] as const
/** Longer than it takes until the last of the scripts is called: their host is still on the screen then. */
const BAN_SECONDS = 20
const FLOOD = { pps: 3000, seconds: 10 } as const
const WAIT_SECONDS = 80

test('every script gets all its calls in order, and none hurts another', { timeout: 200_000 }, async t => {
  if (!mayUseNamespaces(t)) return
  await using lab = await Lab.create(mirrorPlan())
  const [link] = lab.links as [Link]
  const players = [quickPlayer(t, link), slowPlayer(t, link)]
  const children = players.map(player => start(lab, player))
  for (const player of players) await listening(lab, player)

  const hosts = Math.max(...players.map(({ scripts }) => scripts.length))
  await floodHosts(
    lab,
    link,
    Array.from({ length: hosts }, (_, at) => ({ ...FLOOD, parts: [partTo(hostOf(at))] })),
  )

  for (const [at, player] of players.entries()) {
    const metrics = await allCalled(lab, player)
    for (const action of ACTIONS) {
      for (const end of ['ok', 'failed', 'timed-out', 'stopped', 'not-started']) {
        const wanted = player.scripts.filter(({ ends }) => ends[action] === end).length
        const calls = metrics.value('floodwarden_script_calls_total', { action, end })
        assert.equal(calls, wanted, `${action} ${end}\n${failures(player)}`)
      }
    }
    for (const name of ['running_calls', 'waiting_calls', 'dropped_calls_total'])
      assert.equal(metrics.value(`floodwarden_script_${name}`), 0)
    assertOrder(player)
    const { stdout } = await run(['ps', '--ppid', String(children[at]?.pid), '-o', 'stat=,args='])
    assert.equal(stdout.trim(), '', 'no child is left, dead or alive')
  }
  const { stdout } = await run(['ip', 'netns', 'pids', lab.namespace('detector')])
  assert.equal(stdout.trim().split('\n').length, players.length, 'nothing a script had started is left')
})

const hostOf = (at: number): string => `10.10.4.${at + 1}`

const partTo = (host: string): TrafficPart => ({
  share: 1,
  protocol: 'udp',
  bytes: 200,
  sources: '198.18.0.0/26',
  sourcePort: [2000, 2003],
  targets: host,
})

/** A folder with a program that writes down that it is called, and becomes the script of the host. */
function dispatcher(t: TestContext, scripts: readonly CorpusScript[]): { folder: string; script: string } {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'out'))
  mkdirSync(join(folder, 'by-host'))
  for (const [at, { name }] of scripts.entries())
    symlinkSync(scriptPath(name), join(folder, 'by-host', hostOf(at)))
  const script = join(folder, 'dispatch.sh')
  const lines = [
    '#!/bin/sh',
    `echo "begin $1 $4" >>"${folder}/out/journal"`,
    `exec "${folder}/by-host/$1" "$@"`,
  ]
  writeFileSync(script, `${lines.join('\n')}\n`, { mode: 0o755 })
  return { folder, script }
}

function quickPlayer(t: TestContext, link: Link): Player {
  const { folder, script } = dispatcher(t, QUICK)
  const config = join(folder, 'fastnetmon.conf')
  const networks = join(folder, 'networks_list')
  writeFileSync(networks, '10.10.0.0/16\n')
  const lines = [
    `interfaces = ${link.to.interface}`,
    `networks_list_path = ${networks}`,
    `notify_script_path = ${script}`,
    `cli_stats_file_path = ${join(folder, 'screen4.dat')}`,
    `cli_stats_ipv6_file_path = ${join(folder, 'screen6.dat')}`,
    `ban_time = ${BAN_SECONDS}`,
    ...[
      'mirror_afpacket = on',
      'monitor_local_ip_addresses = off',
      'enable_api = off',
      'prometheus_port = 9209',
    ],
    ...[
      'average_calculation_time = 2',
      'check_period = 1',
      'ban_details_records_count = 20',
      'prometheus = on',
    ],
    ...['enable_ban = on', 'ban_for_pps = on', 'threshold_pps = 1000', 'max_ips_in_list = 50'],
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const words = ['--config', config, '--log-format', 'fastnetmon']
  return { folder, port: 9209, scripts: QUICK, words }
}

function slowPlayer(t: TestContext, link: Link): Player {
  const { folder, script } = dispatcher(t, SLOW)
  const config = join(folder, 'config.yaml')
  const yaml = [
    `networks: [${SLOW.map((_, at) => `${hostOf(at)}/32`).join(', ')}]`,
    `capture: { interfaces: [${link.to.interface}] }`,
    `detection: { banSeconds: ${BAN_SECONDS}, holdSeconds: 1, thresholds: { incoming: { packetsPerSecond: 1000 } } }`,
    'mitigation: { armed: true }',
    `enforcement: { notifyScript: { path: ${script}, timeoutSeconds: ${TIMEOUT_SECONDS} } }`,
  ]
  writeFileSync(config, `${yaml.join('\n')}\n`)
  return { folder, port: 9210, scripts: SLOW, words: ['--config', config, '--log-format', 'text'] }
}

function start(lab: Lab, { folder, port, words }: Player) {
  const log = openSync(join(folder, 'log'), 'a')
  const own = ['--state', join(folder, 'state'), '--metrics', `127.0.0.1:${port}`]
  return lab.spawn('detector', withOwnVarLog(folder, [FLOODWARDEN, 'run', ...words, ...own]), {
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      CORPUS_OUT: join(folder, 'out'),
      CORPUS_SECONDS: String(SLEEP_SECONDS),
      CORPUS_DEAF: 'yes',
      CORPUS_SCREEN: join(folder, 'screen4.dat'),
      CORPUS_ATTACKS: attackFolder(folder),
      CORPUS_LOG: join(folder, 'log'),
    },
  })
}

async function listening(lab: Lab, { port, folder }: Player): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    try {
      await metricsInLab(lab, port)
      return
    } catch {
      await sleep(200)
    }
  }
  assert.fail(`the daemon does not listen\n${readFileSync(join(folder, 'log'), 'utf8')}`)
}

/** Metrics once the last unban of the player's scripts has ended; those at the end of the wait when one is missing. */
async function allCalled(lab: Lab, { port, scripts }: Player): Promise<Metrics> {
  const deadline = performance.now() + WAIT_SECONDS * 1000
  for (;;) {
    const metrics = await metricsInLab(lab, port)
    const unbans = metrics.value('floodwarden_script_calls_total', { action: 'unban' })
    if (unbans >= scripts.length || performance.now() > deadline) return metrics
    await sleep(500)
  }
}

const failures = ({ folder }: Player): string =>
  readFileSync(join(folder, 'log'), 'utf8')
    .split(/^(?=\d{4}-)/m)
    .filter(entry => entry.includes('notify script failed'))
    .join('')

/** Calls of one host come in order; where a script says that it is done, before the next begins. */
function assertOrder({ folder, scripts }: Player): void {
  const journal = readFileSync(join(folder, 'out', 'journal'), 'utf8')
    .trim()
    .split('\n')
  for (const [at, { name }] of scripts.entries()) {
    const host = hostOf(at)
    const own = journal.filter(line => line.split(' ')[1] === host && /^(begin|done) /.test(line))
    const wanted = ACTIONS.flatMap(action => [
      `begin ${host} ${action}`,
      ...(name === 'sleeps.sh' ? [`done ${host} ${action}`] : []),
    ])
    assert.deepEqual(own, wanted, name)
  }
}

// A folder of prefixd decides what a real router holds: rules of its playbooks by a real gobgpd, within its quotas and its
// safelist, and nothing in a dry run.

import assert from 'node:assert/strict'
import type { SpawnOptions } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FILES, MAIN, PLAYBOOKS } from '#compat/prefixd/folder-for-tests.ts'
import { RouterLab } from '../../lab/routers/router-lab.ts'
import { type DaemonPlan, RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const WAIT_MS = 30_000
const QUIET_MS = 1500

function planOf({ lab }: RouterLab, folder: string, main: string): DaemonPlan {
  const prefixd = join(folder, 'prefixd')
  mkdirSync(prefixd, { recursive: true })
  for (const [name, text] of Object.entries({ ...FILES, 'prefixd.yaml': main }))
    writeFileSync(join(prefixd, name), text)
  return {
    state: join(folder, 'state'),
    words: ['--config', prefixd],
    spawn: (argv: readonly string[], options: SpawnOptions) => lab.spawn('speaker', argv, options),
  }
}

/** Hosts that the router has a rule for, and what all rules say beside the host. */
async function held(routers: RouterLab): Promise<{ hosts: string[]; kinds: string[] }> {
  const rules = await routers.rules()
  const hosts = rules.map(rule => /dst ([0-9a-f.:]+\/\d+)/.exec(rule)?.[1] ?? rule)
  return {
    hosts: hosts.toSorted(),
    kinds: [...new Set(rules.map(rule => rule.replace(/dst [^;]+;/, 'dst;')))],
  }
}

async function untilHosts(routers: RouterLab, wanted: readonly string[]): Promise<void> {
  const endsAt = performance.now() + WAIT_MS
  let now = await held(routers)
  while (now.hosts.join() !== wanted.join() && performance.now() < endsAt) {
    await sleep(50)
    now = await held(routers)
  }
  assert.deepEqual(now.hosts, wanted)
}

/** Settles when every rule limits to this rate, bytes in a second as a float. */
async function untilRate(routers: RouterLab, wanted: string): Promise<void> {
  const endsAt = performance.now() + WAIT_MS
  const isThere = async () => {
    const { kinds } = await held(routers)
    return kinds.length > 0 && kinds.every(kind => kind.includes(`, ${wanted})`))
  }
  while (!(await isThere()) && performance.now() < endsAt) await sleep(50)
  assert.equal(await isThere(), true, (await held(routers)).kinds.join())
}

async function order(daemon: RunningDaemon, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.ask(words)
  assert.equal(code, 0, stderr)
  return stdout
}

test('mode: enforced announces what the playbooks say, up to the quota of a customer and never for the safelist', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'bird']))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp')
  routers.startGobgpd()
  const plan = planOf(routers, folder, MAIN)
  await using daemon = await RunningDaemon.start(plan)
  await routers.established()

  for (const last of [2, 3, 4, 5]) await order(daemon, 'ban', `203.0.113.${last}`)
  await order(daemon, 'ban', '2001:db8:77::7')
  const full = ['2001:db8:77::7/128', ...[2, 3, 4, 5].map(last => `203.0.113.${last}/32`)]
  await untilHosts(routers, full)
  const safe = await daemon.ask(['ban', '203.0.113.1'])
  const sixth = await daemon.ask(['ban', '203.0.113.6'])

  assert.match(safe.stdout + safe.stderr, /safelisted prefix 203\.0\.113\.1\/32 \(from prefixd\.yaml\)/)
  assert.match(sixth.stdout + sixth.stderr, /customer cust_bakery has 5 announcements and 5 are the most/)
  await sleep(QUIET_MS)
  await untilHosts(routers, full)
  // 1 Mbit/s is 125,000 bytes in a second.
  await untilRate(routers, '0x47f42400')

  await order(daemon, 'unban', '203.0.113.2')
  await untilHosts(routers, [...full.filter(host => host !== '203.0.113.2/32'), '203.0.113.6/32'])

  const playbooks = join(folder, 'prefixd', 'playbooks.yaml')
  writeFileSync(playbooks, PLAYBOOKS.replace('rate_bps: 1000000,', 'rate_bps: 0,'))
  assert.equal((await daemon.ask(['reload'])).code, 1)
  writeFileSync(playbooks, PLAYBOOKS.replace('rate_bps: 1000000,', 'rate_bps: 2000000,'))
  await order(daemon, 'reload')
  await untilRate(routers, '0x48742400')
  await order(daemon, 'disarm', '--yes')
  await untilHosts(routers, [])
})

test('a dry run of the same folder announces nothing, and arming it does', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'bird']))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp')
  routers.startGobgpd()
  const plan = planOf(routers, folder, MAIN.replace('mode: enforced', 'mode: dry-run'))
  await using daemon = await RunningDaemon.start(plan)
  await routers.established()

  const said = await order(daemon, 'ban', '203.0.113.2')
  await sleep(QUIET_MS)
  await untilHosts(routers, [])
  assert.match(said, /armed it would be: playbook unknown, step 1 police: .* then rate 125000 bytes\/s/)

  await order(daemon, 'arm', '--yes')
  await untilHosts(routers, ['203.0.113.2/32'])
})

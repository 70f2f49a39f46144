// Announcements seen where they matter: in the table of a real router, through a real GoBGP and a real ExaBGP.

import assert from 'node:assert/strict'
import type { SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { kill, RouterLab } from '../../lab/routers/router-lab.ts'
import { type DaemonPlan, RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const CONFIG = `
networks: [203.0.113.0/24, 198.51.100.0/24, 2001:db8:113::/48]
capture: { method: off }
metrics: { listen: off }
mitigation: { armed: true }
policy: { managementPrefixes: [198.51.100.200] }
compatibility: { fastnetmonApi: { listen: '127.0.0.1:50052' } }
enforcement:
`

const ANNOUNCEMENTS = `
    hostIpv4: { nextHop: 10.0.3.114, communities: ['65001:666', '65001:777'] }
    networkIpv4: { nextHop: 10.0.3.114, communities: ['65001:777'] }
    hostIpv6: { nextHop: 'fd00:3::114', communities: ['65535:666'] }
`

const HOST = '203.0.113.10/32 (65001,666) (65001,777)'
const OTHER = '203.0.113.11/32 (65001,666) (65001,777)'
const NETWORK = '203.0.113.0/24 (65001,777)'
const HOST6 = '2001:db8:113::10/128 (65535,666)'

const mayRoute = (t: TestContext, ...programs: string[]): Promise<boolean> =>
  mayRunPrograms(t, [...programs, 'bird'])

function planOf({ lab }: RouterLab, folder: string, enforcement: string): DaemonPlan {
  const config = join(folder, 'config.yaml')
  writeFileSync(config, `${CONFIG}${enforcement}`)
  return {
    state: join(folder, 'state'),
    words: ['--config', config],
    spawn: (argv: readonly string[], options: SpawnOptions) => lab.spawn('speaker', argv, options),
  }
}

async function order(daemon: RunningDaemon, ...words: string[]): Promise<void> {
  const { code, stderr } = await daemon.ask(words)
  assert.equal(code, 0, stderr)
}

test('by GoBGP a ban is a route in the router and an unban takes it away; a network goes with its last ban', async t => {
  if (!(await mayRoute(t, 'gobgpd'))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp')
  const gobgpd = routers.startGobgpd()
  const plan = planOf(
    routers,
    folder,
    `  gobgp: { reconcileSeconds: 1,${ANNOUNCEMENTS.trim().split('\n').join(',')} }`,
  )
  await using daemon = await RunningDaemon.start(plan)
  await routers.established()

  await order(daemon, 'ban', '203.0.113.10')
  await order(daemon, 'ban', '203.0.113.11')
  await order(daemon, 'ban', '2001:db8:113::10')
  await routers.until([NETWORK, HOST, OTHER, HOST6])

  await order(daemon, 'unban', '203.0.113.11')
  await routers.until([NETWORK, HOST, HOST6])

  // While it stands still it cannot announce again what somebody takes out, before the router was looked at.
  daemon.signal('SIGSTOP')
  await routers.lab.exec('speaker', ['gobgp', 'global', 'rib', 'del', '203.0.113.10/32', '-a', 'ipv4'])
  await routers.until([NETWORK, HOST6])
  daemon.signal('SIGCONT')
  await routers.until([NETWORK, HOST, HOST6])

  await kill(gobgpd)
  routers.startGobgpd()
  await routers.established()
  await routers.until([NETWORK, HOST, HOST6])

  await daemon.stop('SIGKILL')
  await routers.until([NETWORK, HOST, HOST6])
  await using next = await RunningDaemon.start(plan)
  await order(next, 'unban', '203.0.113.10')
  await order(next, 'unban', '2001:db8:113::10')
  await routers.until([])
})

test('a thousand bans at once are a thousand routes in the router, and none when they are taken back', async t => {
  if (!(await mayRoute(t, 'gobgpd'))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp')
  routers.startGobgpd()
  await routers.established()
  const { lab } = routers
  const hosts = Array.from({ length: 1000 }, (_, at) =>
    at % 2 === 0 ? `10.${at >> 8}.${at & 255}.1/32` : `2001:db8:${at.toString(16)}::1/128`,
  )
  const script = join(folder, 'announce.ts')
  const driver = join(import.meta.dirname, '../../src/8-enforcement/gobgp/driver.ts')
  const mitigations = join(import.meta.dirname, '../../src/8-enforcement/bgp/mitigation-for-tests.ts')
  writeFileSync(
    script,
    `import { Gobgp } from '${driver}'
import { routeMitigation } from '${mitigations}'
const say = () => {}
const log = { debug: say, info: say, warn: say, error: say }
const settings = { address: '127.0.0.1:50051', deadlineSeconds: 20, listDeadlineSeconds: 20, reconcileSeconds: 1, orphansAfterSeconds: 0, mark: 'off', flowspecOffsets: false }
const gobgp = new Gobgp(settings, log)
const hosts = ${JSON.stringify(hosts)}
const all = hosts.map((prefix, at) =>
  routeMitigation('m-' + at, prefix, 'gobgp', { nextHop: prefix.includes(':') ? 'fd00:3::114' : '10.0.3.114' }))
for await (const line of process.stdin.setEncoding('utf8')) {
  const verb = line.trim()
  const began = performance.now()
  const outcomes = await Promise.all(all.map(mitigation => gobgp[verb](mitigation)))
  const done = outcomes.filter(({ kind }) => kind === 'done').length
  console.log(verb, done, 'in', Math.round(performance.now() - began), 'ms')
}
await gobgp.stop(1000)
`,
  )
  const child = lab.spawn('speaker', [process.execPath, script], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const answer = async (verb: 'announce' | 'withdraw'): Promise<string> => {
    child.stdin?.write(`${verb}\n`)
    const [said] = await once(child.stdout!, 'data')
    return String(said).trim()
  }

  const announced = await answer('announce')
  await routers.until(hosts.map(prefix => `${prefix} (65001,666)`))
  const withdrawn = await answer('withdraw')
  await routers.until([])

  for (const said of [announced, withdrawn]) t.diagnostic(said)
  assert.match(announced, /^announce 1000 in/)
  assert.match(withdrawn, /^withdraw 1000 in/)
  child.stdin?.end()
})

test('a network that holds a management host is not announced, the host beside it is', async t => {
  if (!(await mayRoute(t, 'gobgpd'))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp')
  routers.startGobgpd()
  const plan = planOf(routers, folder, `  gobgp: {${ANNOUNCEMENTS.trim().split('\n').join(',')} }`)
  await using daemon = await RunningDaemon.start(plan)
  await routers.established()

  await order(daemon, 'ban', '198.51.100.130')
  await routers.until(['198.51.100.130/32 (65001,666) (65001,777)'])
  const { stdout } = await daemon.ask(['audit'])
  assert.match(
    stdout,
    /announce 198\.51\.100\.0\/24 by gobgp .*touches the management prefix 198\.51\.100\.200\/32/,
  )
})

test('by ExaBGP a ban is a route in the router; ExaBGP that starts late or again is told all of it', async t => {
  if (!(await mayRoute(t, 'exabgp'))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'exabgp')
  routers.makePipe()
  const settings = `  exabgp: { pipe: ${routers.pipe}, deadlineSeconds: 0.5, refreshSeconds: 1,${ANNOUNCEMENTS.trim().split('\n').join(',')} }`
  await using daemon = await RunningDaemon.start(planOf(routers, folder, settings))

  await order(daemon, 'ban', '203.0.113.10')
  await daemon.until(line => line.message === 'audit: announce' && line['outcome'] === 'failed')
  const exabgp = routers.startExabgp()
  await routers.until([NETWORK, HOST])

  await order(daemon, 'ban', '203.0.113.11')
  await order(daemon, 'ban', '2001:db8:113::10')
  await routers.until([NETWORK, HOST, OTHER, HOST6])
  await order(daemon, 'unban', '203.0.113.10')
  await routers.until([NETWORK, OTHER, HOST6])

  // Its process lives on and takes the next command with it into its grave; the one after reaches the new one.
  await kill(exabgp)
  routers.startExabgp()
  await routers.until([NETWORK, OTHER, HOST6])
  await order(daemon, 'unban', '203.0.113.11')
  await order(daemon, 'unban', '2001:db8:113::10')
  await routers.until([])
})

test('the real fastnetmon_api_client lists, bans and unbans here, and is refused what FastNetMon would announce', async t => {
  if (!(await mayRoute(t, 'fastnetmon_api_client'))) return
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'lab'))
  await using routers = await RouterLab.create(join(folder, 'lab'), 'gobgp')
  await using daemon = await RunningDaemon.start(planOf(routers, folder, '  notifyScript: {}'))
  const client = (...words: string[]) => routers.lab.exec('speaker', ['fastnetmon_api_client', ...words])

  assert.equal((await client('get_banlist')).stdout, '')
  assert.equal((await client('ban', '203.0.113.10')).stderr, '')
  assert.equal((await client('ban', '2001:db8:113::10')).stderr, '')
  assert.equal((await client('get_banlist')).stdout, '203.0.113.10/32\n2001:0db8:0113::0010/128\n')
  assert.match((await client('ban', '8.8.8.8')).stderr, /Query failed This IP does not belong to our subnets/)
  assert.match((await client('ban', 'zzz')).stderr, /Query failed Malformed IP address/)
  assert.equal((await client('unban', '203.0.113.99')).stderr, 'Query failed \n')
  assert.equal((await client('unban', '203.0.113.10')).stderr, '')
  assert.equal((await client('get_banlist')).stdout, '2001:0db8:0113::0010/128\n')
  assert.match((await daemon.ask(['audit'])).stdout, /grpc/)
})

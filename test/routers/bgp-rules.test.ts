// FlowSpec rules and sessions seen in a real router (BIRD), through a real gobgpd and a real ExaBGP.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { routeMitigation, ruleMitigation } from '#8-enforcement/bgp/mitigation-for-tests.ts'
import type { Session } from '#8-enforcement/bgp/sessions.ts'
import { kill, ROUTER, RouterLab } from '../../lab/routers/router-lab.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const MARK = '(4200000000, 18007, 1)'
const WAIT_MS = 30_000
/** The session itself is away for some three seconds. */
const MOMENT_MS = 500

/** What is announced, and how BIRD 2.0.12 shows it. Large communities come before extended ones there or after. */
const RULES: readonly (readonly [rule: string, shown: string, action: string])[] = [
  [
    'destination 203.0.113.10/32 protocol =udp source-port =53 then discard',
    'flow4 { dst 203.0.113.10/32; proto 17; sport 53; }',
    '(generic, 0x80060000, 0x0)',
  ],
  [
    'destination 203.0.113.11/32 source 198.51.100.0/24 protocol =tcp destination-port >=80&<=443 then rate 1000000 bytes/s as 65001',
    'flow4 { dst 203.0.113.11/32; src 198.51.100.0/24; proto 6; dport 80..443; }',
    '(generic, 0x8006fde9, 0x49742400)',
  ],
  [
    'destination 203.0.113.12/32 port =123,=1900 then rate 1000 packets/s',
    'flow4 { dst 203.0.113.12/32; port 123,1900; }',
    '(generic, 0x800c0000, 0x447a0000)',
  ],
  [
    'destination 203.0.113.13/32 protocol =icmp icmp-type =8 icmp-code =0 then redirect 65001:100',
    'flow4 { dst 203.0.113.13/32; proto 1; icmp type 8; icmp code 0; }',
    '(generic, 0x8008fde9, 0x64)',
  ],
  [
    'destination 203.0.113.14/32 tcp-flags =syn packet-length >=1000&<=1500 dscp =46 then mark 10',
    'flow4 { dst 203.0.113.14/32; tcp flags 0x2/0x2; length 1000..1500; dscp 46; }',
    '(generic, 0x80090000, 0xa)',
  ],
  [
    'destination 203.0.113.15/32 fragment =is-fragment then action sample+terminal',
    'flow4 { dst 203.0.113.15/32; fragment is_fragment; }',
    '(generic, 0x80070000, 0x3)',
  ],
  [
    'destination 203.0.113.16/32 then redirect 4200000000:7',
    'flow4 { dst 203.0.113.16/32; }',
    '(generic, 0x8208fa56, 0xea000007)',
  ],
  [
    'destination 203.0.113.17/32 then redirect-ip 192.0.2.9 copy',
    'flow4 { dst 203.0.113.17/32; }',
    '(unknown 0x10c, 192.0.2.9, 1)',
  ],
  [
    'destination 2001:db8:113::10/128 protocol =udp source-port =53,=123 then discard',
    'flow6 { dst 2001:db8:113::10/128; next header 17; sport 53,123; }',
    '(generic, 0x80060000, 0x0)',
  ],
  [
    'destination 2001:db8:113::11/128 flow-label =5 then rate 9600 bytes/s',
    'flow6 { dst 2001:db8:113::11/128; label 5; }',
    '(generic, 0x80060000, 0x46160000)',
  ],
]

/** Words of an attribute line may come in any order. */
const sorted = (texts: readonly string[]) =>
  texts
    .map(text => {
      const [rule = '', rest = ''] = text.split('} ')
      return `${rule}} ${(rest.match(/\([^)]*\)/g) ?? []).sort().join(' ')}`
    })
    .sort()

async function untilRules(routers: RouterLab, wanted: readonly string[]): Promise<void> {
  const endsAt = performance.now() + WAIT_MS
  let held = sorted(await routers.rules())
  while (held.join() !== sorted(wanted).join() && performance.now() < endsAt) {
    await sleep(50)
    held = sorted(await routers.rules())
  }
  assert.deepEqual(held, sorted(wanted))
}

/** The enforcer in the namespace of its gobgpd. */
function enforcerIn(t: TestContext, { lab }: RouterLab) {
  const program = new URL('./gobgp-program.ts', import.meta.url).pathname
  const child = lab.spawn('speaker', [process.execPath, program], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return async (verb: string, mitigations?: readonly Mitigation[]): Promise<unknown> => {
    child.stdin?.write(`${verb}${mitigations === undefined ? '' : ` ${JSON.stringify(mitigations)}`}\n`)
    const { value } = await lines.next()
    return JSON.parse(String(value)) as unknown
  }
}

const DONE = { kind: 'done' }
const ruled = RULES.map(([rule], at) => ruleMitigation(`r-${at}`, rule, 'gobgp'))
const shown = RULES.map(([, rule, action]) => `${rule} ${action} ${MARK}`)

test('by GoBGP rules of every component and action are in the router exactly as meant, with our mark, and go', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'bird']))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp')
  routers.startGobgpd()
  const ask = enforcerIn(t, routers)
  await routers.established()

  assert.deepEqual(
    await ask('announce', ruled),
    ruled.map(() => DONE),
  )
  await untilRules(routers, shown)
  const route = routeMitigation('h', '203.0.113.10/32', 'gobgp', {
    nextHop: '10.0.3.114',
    communities: ['65535:666', '65001:666:1'],
  })
  assert.deepEqual(await ask('announce', [route]), [DONE])
  await routers.until(['203.0.113.10/32 (65535,666)'])

  assert.deepEqual(await ask('withdraw', ruled.slice(0, 5)), Array(5).fill(DONE))
  await untilRules(routers, shown.slice(5))
  assert.deepEqual(await ask('withdraw', ruled.slice(5)), Array(ruled.length - 5).fill(DONE))
  await untilRules(routers, [])
})

test('the state of each session is told: up with its families, down when the router is gone, unknown without gobgpd', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'bird']))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp')
  const gobgpd = routers.startGobgpd()
  const ask = enforcerIn(t, routers)
  const until = async (isRight: (session: Session) => boolean): Promise<Session> => {
    const endsAt = performance.now() + WAIT_MS
    let session: Session | undefined
    do {
      const sessions = (await ask('sessions')) as Session[]
      session = sessions[0]
      await sleep(20)
    } while (performance.now() < endsAt && (session === undefined || !isRight(session)))
    assert.ok(session !== undefined && isRight(session), JSON.stringify(session))
    return session
  }

  const up = await until(({ state, afiSafis }) => state === 'established' && afiSafis.length === 4)
  assert.deepEqual([up.address, up.asn], [ROUTER, 65_001])
  assert.deepEqual([...up.afiSafis].sort(), [
    'ipv4-flowspec',
    'ipv4-unicast',
    'ipv6-flowspec',
    'ipv6-unicast',
  ])
  await routers.lab.exec('router', ['birdc', '-s', join(folder, 'bird.ctl'), 'disable', 'speaker'])
  const down = await until(({ state }) => state !== 'established')
  assert.notEqual(down.state, 'unknown')
  assert.ok(down.sinceMs >= up.sinceMs)
  await routers.lab.exec('router', ['birdc', '-s', join(folder, 'bird.ctl'), 'enable', 'speaker'])
  await until(({ state }) => state === 'established')

  await kill(gobgpd)
  const began = performance.now()
  await until(({ state }) => state === 'unknown')
  assert.ok(performance.now() - began < 5000, 'a lost gobgpd is shown at once')
  routers.startGobgpd()
  await until(({ state }) => state === 'established')
})

test('with graceful restart a gobgpd that is killed and back is filled before its session: nothing is missed for longer than a moment', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'bird']))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp', 30)
  const gobgpd = routers.startGobgpd()
  const ask = enforcerIn(t, routers)
  await routers.established()
  const route = routeMitigation('h', '203.0.113.10/32', 'gobgp', { nextHop: '10.0.3.114' })
  assert.deepEqual(
    await ask('announce', [route, ...ruled]),
    [route, ...ruled].map(() => DONE),
  )
  await routers.until(['203.0.113.10/32 (65001,666)'])
  await untilRules(routers, shown)

  await kill(gobgpd)
  await sleep(500)
  routers.startGobgpd()
  const killedAt = performance.now()
  let [isBack, wholeAt, longestMs] = [false, killedAt, 0]
  while (performance.now() - killedAt < WAIT_MS && !isBack) {
    const isWhole = (await routers.routes()).length === 1 && (await routers.rules()).length === ruled.length
    if (isWhole) wholeAt = performance.now()
    longestMs = Math.max(longestMs, performance.now() - wholeAt)
    const [session] = (await ask('sessions')) as Session[]
    isBack = isWhole && session?.state === 'established'
  }
  t.diagnostic(`the session was back ${Math.round(performance.now() - killedAt)} ms after the new start`)
  t.diagnostic(`something was missing for ${Math.round(longestMs)} ms`)
  assert.ok(isBack)
  assert.ok(longestMs < MOMENT_MS, 'what is missing at the return of the session is there in a moment')
  // Until the end of what the router takes for the rest of the restart.
  await sleep(1000)
  await routers.until(['203.0.113.10/32 (65001,666)'])
  await untilRules(routers, shown)
})

test('rules that reset the session of BIRD are refused, and the session stays as it was', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'bird']))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp')
  routers.startGobgpd()
  const ask = enforcerIn(t, routers)
  await routers.established()
  const ports = (count: number) => Array.from({ length: count }, (_, at) => `=${1000 + 2 * at}`).join()
  const unsafe = [
    'destination 2001:db8:113::10/128 offset 32 then discard',
    `destination 203.0.113.10/32 port ${ports(78)} then discard`,
    'destination 203.0.113.10/32',
  ].map((rule, at) => ruleMitigation(`u-${at}`, rule, 'gobgp'))
  const largest = ruleMitigation('l', `destination 203.0.113.10/32 port ${ports(77)} then discard`, 'gobgp')

  const answers = (await ask('announce', [...unsafe, largest])) as { kind: string }[]
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['refused', 'refused', 'refused', 'done'],
  )
  const endsAt = performance.now() + WAIT_MS
  while ((await routers.rules()).length === 0 && performance.now() < endsAt) await sleep(50)
  assert.equal((await routers.rules()).length, 1)
  const [session] = (await ask('sessions')) as Session[]
  assert.equal(session?.state, 'established')
})

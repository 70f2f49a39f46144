// The exabgp enforcer and a real ExaBGP: what a neighbour hears of routes, diversions, rules and large communities.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { announcementOf } from '#7-mitigation/announcement.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { routeMitigation, ruleMitigation } from '#8-enforcement/bgp/mitigation-for-tests.ts'
import { Exabgp } from '#8-enforcement/exabgp/driver.ts'
import { encodeActions } from '#lib/flowspec/communities.ts'
import { encodeNlri } from '#lib/flowspec/encode.ts'
import { SILENT } from '#lib/log/logger.ts'
import { mustRun } from '../../lab/command.ts'
import { EXABGP_PIPE_READER } from '../../lab/routers/configs.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { BgpListener } from './bgp-listener.ts'
import { startExabgp } from './exabgp-speaker.ts'

const WAIT_MS = 30_000

const HOST = routeMitigation('h4', '203.0.113.10/32', 'exabgp', {
  communities: ['65001:666', '65535:666', '65001:666:1', '4200000000:1:2'],
})
const HOST6 = routeMitigation('h6', '2001:db8:113::10/128', 'exabgp', { communities: ['65001:666:1'] })
const DIVERTED: Mitigation = {
  ...HOST,
  id: 'd4',
  action: {
    kind: 'divert',
    prefix: '203.0.113.0/24',
    nextHop: '192.0.2.77',
    communities: ['65001:777'],
    enforcer: 'exabgp',
  },
}
const RULES = [
  'destination 203.0.113.10/32 protocol =udp source-port =53 then discard',
  'destination 203.0.113.10/32 source 198.51.100.0/24 protocol =tcp destination-port >=80&<=443 then mark 10',
  'destination 203.0.113.11/32 packet-length >=1000&<=1500 then action sample+terminal',
  'destination 203.0.113.12/32 then redirect 65001:100',
  'destination 203.0.113.13/32 then redirect 4200000000:7',
  'destination 2001:db8:113::10/128 protocol =udp source-port =53,=123 then discard',
].map((rule, at) => ruleMitigation(`r-${at}`, rule, 'exabgp'))

/** What a neighbour has to hear: our own codec's bytes for a rule. */
function heardFor({ action }: Mitigation): [key: string, says: string] {
  const announced = announcementOf(action)
  assert.ok(announced.kind !== 'impossible')
  if (announced.kind === 'flow') {
    const { rule } = announced
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
    return [
      `${rule.family} ${hex(encodeNlri(rule))}`,
      encodeActions(rule.actions).extended.map(hex).join(' '),
    ]
  }
  const { nextHop, communities } = announced.route
  const standard = communities.filter(text => text.split(':').length === 2)
  const large = communities.filter(text => text.split(':').length === 3)
  return [announced.key, [nextHop, ...standard, ...large].join(' ')]
}

/** Communities of a kind may come in any order. */
const sortedWords = (entries: Iterable<readonly [string, string]>) =>
  [...entries].map(([key, says]) => `${key} ${says.split(' ').sort().join(' ')}`).sort()

async function untilHeard({ table }: BgpListener, wanted: readonly Mitigation[]): Promise<void> {
  const expected = sortedWords(wanted.map(heardFor))
  const endsAt = performance.now() + WAIT_MS
  while (sortedWords(table.held).join() !== expected.join() && performance.now() < endsAt) await sleep(20)
  assert.deepEqual(sortedWords(table.held), expected)
}

async function start(t: TestContext) {
  const listener = await BgpListener.listen()
  t.after(() => listener[Symbol.dispose]())
  const folder = temporaryFolder(t)
  const pipe = join(folder, 'exabgp.cmd')
  await mustRun(['mkfifo', '-m', '600', pipe])
  const families = 'ipv4 unicast; ipv6 unicast; ipv4 flow; ipv6 flow;'
  startExabgp(t, folder, { port: listener.port, run: `${EXABGP_PIPE_READER} ${pipe}`, families })
  const enforcer = new Exabgp({ pipe, deadlineSeconds: 10, refreshSeconds: 0 }, SILENT)
  t.after(() => enforcer.stop(10))
  return { listener, enforcer }
}

test('routes, a diversion, rules and large communities are heard as they were meant, and are withdrawn', async t => {
  if (!(await mayRunPrograms(t, ['exabgp', 'python3', 'mkfifo']))) return
  const { listener, enforcer } = await start(t)
  const all = [DIVERTED, HOST, HOST6, ...RULES]

  const outcomes = await Promise.all(all.map(one => enforcer.announce(one)))
  assert.deepEqual(outcomes, Array(all.length).fill({ kind: 'done' }))
  await untilHeard(listener, all)

  await Promise.all([HOST, ...RULES.slice(0, 2)].map(one => enforcer.withdraw(one)))
  await untilHeard(listener, [DIVERTED, HOST6, ...RULES.slice(2)])
  await Promise.all(all.map(one => enforcer.withdraw(one)))
  await untilHeard(listener, [])
  assert.equal(listener.notification, undefined)
})

test('a rule of the same match replaces the one before, and a diversion that two want goes with the last of them', async t => {
  if (!(await mayRunPrograms(t, ['exabgp', 'python3', 'mkfifo']))) return
  const { listener, enforcer } = await start(t)
  const match = 'destination 203.0.113.10/32 protocol =udp'
  const [limited, dropped] = ['mark 10', 'discard'].map((then, at) =>
    ruleMitigation(`m-${at}`, `${match} then ${then}`, 'exabgp'),
  )
  assert.ok(limited && dropped)
  const other: Mitigation = { ...DIVERTED, id: 'd5' }

  await Promise.all([limited, DIVERTED, other].map(one => enforcer.announce(one)))
  await untilHeard(listener, [limited, DIVERTED])
  await enforcer.announce(dropped)
  await untilHeard(listener, [dropped, DIVERTED])

  await enforcer.withdraw(dropped)
  await enforcer.withdraw(DIVERTED)
  await untilHeard(listener, [limited, DIVERTED])
  await enforcer.withdraw(other)
  await untilHeard(listener, [limited])
})

test('what ExaBGP has no words for is refused with the reason, and the pipe stays as it is', async t => {
  if (!(await mayRunPrograms(t, ['exabgp', 'python3', 'mkfifo']))) return
  const { listener, enforcer } = await start(t)
  const impossible = ruleMitigation('p', 'destination 203.0.113.10/32 then rate 1000 packets/s', 'exabgp')

  const outcome = await enforcer.announce(impossible)
  await enforcer.announce(HOST)
  await untilHeard(listener, [HOST])

  assert.match(outcome.kind === 'refused' ? outcome.error : '', /no words for action rate-packets/)
  assert.deepEqual(listener.table.said, ['announce 203.0.113.10/32'])
})

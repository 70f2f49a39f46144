// The victim stays online: a resolver is flooded while its clients ask. A flood that has something in common is filtered in
// the router and the clients are answered; for one that is made of ordinary questions no rule is made, and the host is given up.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { printRule } from '#lib/flowspec/print.ts'
import { shareOf } from '../../lab/dns/askers.ts'
import { FIRST, ResolverLab, SECOND } from '../../lab/routers/resolver-lab.ts'
import { kill } from '../../lab/routers/router-lab.ts'
import { until } from '../../lab/until.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** Six times what the link to the resolver carries; questions are shorter, so more of them are needed. */
const FLOOD = ['resolver-flood', 2500] as const
const QUESTIONS = ['resolver-questions', 15_000] as const
const LONGEST_SECONDS = 120

const PLAYBOOKS = [
  {
    name: 'resolver',
    steps: [
      { name: 'filter', actions: [{ kind: 'discard' }], ttlSeconds: 60 },
      {
        name: 'drop',
        actions: [{ kind: 'blackhole' }],
        ttlSeconds: 60,
        escalateAfter: { seconds: 120, minimumConfidence: 0.5 },
      },
    ],
  },
]

test('a resolver answers all of its clients under a flood that can be told from them, and is given up under one that cannot', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'nft', 'tc', 'unbound', 'dnsperf']))) return
  await using lab = await ResolverLab.create(temporaryFolder(t, 0o755))
  await lab.answers()
  const calm = await lab.ask(0.5)
  const unguardedFlood = lab.flood(...FLOOD, LONGEST_SECONDS)
  await lab.arrive('flood')
  const unguarded = await lab.ask(0.5)
  await kill(unguardedFlood.process)

  await lab.established()
  await using daemon = await lab.startDaemon('guarded', PLAYBOOKS)
  await Promise.all([lab.ask(2), lab.ask(2, SECOND)])
  const flood = lab.flood(...FLOOD, LONGEST_SECONDS)
  await lab.arrive('flood')
  await until(async () => (await lab.router.listing()).rules.length > 0 || 'the router has no rule')
  await until(async () => {
    const { flood } = await lab.arrivals.during(() => sleep(200))
    return flood === 0 || `${flood} packets of the flood arrive`
  })
  const filtered = await lab.during(() => lab.ask(1))
  const reaches = await lab.reachesRouter(300)
  const rules = (await lab.router.listing()).rules.map(printRule)
  t.diagnostic(JSON.stringify({ calm, unguarded, filtered, reaches, rules }))
  assert.ok(shareOf(calm) >= 0.99)
  assert.ok(shareOf(unguarded) < 0.5, 'without a rule most questions are lost')
  assert.ok(shareOf(filtered.answered) >= 0.99, 'with it hardly any')
  assert.equal(filtered.came.flood, 0)
  assert.ok(reaches > FLOOD[1] / 2, 'the flood goes on')
  const aboutFirst = new RegExp(`^destination ${FIRST}/32 .* then discard$`)
  for (const rule of rules) assert.match(rule, aboutFirst)

  lab.flood(...QUESTIONS, LONGEST_SECONDS, SECOND)
  await until(async () => {
    if ((await lab.router.blackholes()).includes(SECOND)) return true
    return `nothing is given up: ${(await daemon.ask(['explain', SECOND])).stdout}`
  }, 20)
  const given = await lab.during(() => lab.ask(0.5, SECOND))
  const other = await lab.ask(0.5)
  const later = (await lab.router.listing()).rules.map(printRule)
  t.diagnostic(JSON.stringify({ given, other, later }))
  assert.equal(given.answered.answered, 0, 'with a blackhole nobody is answered')
  assert.deepEqual([given.came.secondFlood, given.came.clients], [0, 0])
  assert.ok(shareOf(other) >= 0.99, 'the other address still answers')
  for (const rule of later) assert.match(rule, aboutFirst, 'no rule is made of ordinary questions')
  const { stdout: ever } = await daemon.ask(['mitigations', 'list', '--all', '--target', SECOND, '--json'])
  assert.match(ever, /"blackhole"/)
  assert.doesNotMatch(ever, /"filter"/, 'and none was')
  assert.equal(daemon.isRunning, true)
  await kill(flood.process)
})

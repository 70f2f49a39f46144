import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './run-for-tests.ts'

test('arming shows what would change, asks, and only then does it', async () => {
  const yes = await run('arm', { answer: 'yes' })
  assert.equal(yes.code, 0)
  assert.equal(
    yes.out,
    '10.99.1.1 (attack mi7kq3l9-1)\n  + announce 10.99.1.1/32 by gobgp with next hop 192.0.2.66 and 65001:666\nCarried out by: notify-script, gobgp.\nArmed.\n',
  )
  assert.deepEqual(yes.asked.slice(1), [{}, 'Type yes to arm: ', { armed: true }])

  const no = await run('arm', { answer: 'y' })
  assert.deepEqual([no.code, no.err], [1, 'floodwarden: nothing was changed\n'])
  assert.deepEqual(no.asked.slice(1), [{}, 'Type yes to arm: '])
})

test('where nobody can be asked, arming needs to be meant', async () => {
  const alone = await run('arm')
  assert.equal(alone.code, 1)
  assert.match(alone.err, /say --yes/)

  const meant = await run('arm --yes --reason ticket')
  assert.equal(meant.code, 0)
  assert.deepEqual(meant.asked.at(-1), { armed: true, reason: 'ticket' })
})

test('disarming shows what would be taken back, and arming what is armed says who did it', async () => {
  const disarmed = await run('disarm', { answer: 'yes', armed: true })
  assert.match(disarmed.out, /^ {2}- announce 10\.99\.1\.1\/32 /m)
  assert.match(disarmed.out, /Disarmed: what was done is being taken back\.\n$/)

  const already = await run('arm', { armed: true })
  assert.deepEqual(
    [already.code, already.out],
    [0, 'It is armed already, ordered by uid:0 at 2026-11-20T10:00:00.000Z.\n'],
  )
})

test('a simulation says what would be decided and when, with a daemon or by a file', async () => {
  const live = await run('simulate --host 10.99.1.1 --vector dns-amplification --pps 400000 --seconds 60')
  assert.equal(live.code, 0)
  assert.match(
    live.out,
    /\nafter 0 s: playbook reflections, step filter, for 5 min at a time\n {2}announce by gobgp the rule /,
  )
  assert.deepEqual(JSON.parse(JSON.stringify(live.asked.at(-1))), {
    madeUp: { host: '10.99.1.1', vector: 'dns-amplification', packetsPerSecond: 400_000 },
    seconds: 60,
  })

  const byFile = await run('simulate --config new.yaml --host 10.99.1.1 --playbook web')
  assert.equal(byFile.code, 0)
  const [{ config, request }] = byFile.asked as [{ config: string; request: { playbook: string } }]
  assert.deepEqual([config, request.playbook], ['new.yaml', 'web'])

  const nothing = await run('simulate')
  assert.deepEqual([nothing.code, nothing.err.includes('--host of a made-up one')], [2, true])
})

import assert from 'node:assert/strict'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exampleAttack, exampleFlows, examplePackets } from '#5-evidence/example.ts'
import type { Briefing } from '#7-mitigation/enforcer.ts'
import { EXAMPLE_STEP } from '#7-mitigation/example.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { create } from '#7-mitigation/transitions.ts'
import { type Facts, SILENT } from '#lib/log/logger.ts'
import { NotifyScript, type NotifyScriptOptions } from './driver.ts'
import { encodeCall } from './encode.ts'
import { METRICS } from './metrics.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-driver-'))
after(() => rmSync(folder, { recursive: true }))

let scripts = 0
function script(lines: string): string {
  const path = join(folder, `script-${scripts++}`)
  writeFileSync(path, `#!/bin/sh\n${lines}\n`)
  chmodSync(path, 0o755)
  return path
}

const OPTIONS: NotifyScriptOptions = {
  timeoutSeconds: 10,
  parallel: 4,
  queueMax: 100,
  passDetails: 'with-packets',
  style: { recordCount: 5, addressForm: 'canonical', localTime: String },
  env: { PATH: process.env['PATH'], FOLDER: folder },
  killGraceMs: 1000,
}

const driver = (options: Partial<NotifyScriptOptions> = {}, logger = SILENT): NotifyScript =>
  new NotifyScript({ ...OPTIONS, ...options }, logger)

/** A mitigation that calls the script for a host of its own, and the briefing of its attack. */
function banOf(path: string, host = '192.0.2.1'): [Mitigation, Briefing] {
  const attack = exampleAttack({ host, id: `attack-on-${host}` })
  const action = { kind: 'script', path } as const
  const proposal = {
    attack,
    ordinal: 0,
    action,
    reason: 'because',
    enforcer: 'notify-script',
    ...EXAMPLE_STEP,
    maximumSeconds: 60,
  }
  return [create(proposal, 0), { attack, flows: exampleFlows(2, host), packets: examplePackets(2, host) }]
}

const read = (file: string): string =>
  existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : ''

const counted = (enforcer: NotifyScript): string[] =>
  [...enforcer.metrics()]
    .filter(({ value }) => value > 0)
    .map(({ name, labels, value }) => [name, ...Object.values(labels ?? {}), value].join(' '))

test('ban, details and unban of a host reach the script in order, each with its arguments, report and environment', async () => {
  const path = script('echo "$* $FLOODWARDEN_THRESHOLD $(grep -c .)" >> $FOLDER/order; sleep 0.01')
  const [mitigation, briefing] = banOf(path)
  const enforcer = driver()

  const outcomes = await Promise.all([
    enforcer.announce(mitigation, briefing),
    enforcer.amend(mitigation, briefing),
    enforcer.withdraw(mitigation, briefing),
  ])

  assert.deepEqual(outcomes, [{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }])
  assert.equal(
    read('order'),
    `192.0.2.1 incoming 40000 ban packets 45\n` +
      `192.0.2.1 incoming 40000 attack_details packets 42\n` +
      `192.0.2.1 incoming 40000 unban packets 0\n`,
  )
  assert.deepEqual(counted(enforcer), [
    'floodwarden_script_calls_total ban ok 1',
    'floodwarden_script_calls_total attack_details ok 1',
    'floodwarden_script_calls_total unban ok 1',
  ])
})

test('so many scripts run at the same time and no more', async () => {
  const path = script(
    'echo + >> $FOLDER/parallel; until [ $(grep -c + $FOLDER/parallel) -ge 2 ]; do sleep 0.01; done; ' +
      'sleep 0.02; echo - >> $FOLDER/parallel',
  )
  const enforcer = driver({ parallel: 2 })
  const hosts = [1, 2, 3, 4, 5].map(last => `192.0.2.${last}`)

  await Promise.all(hosts.map(host => enforcer.announce(...banOf(path, host))))

  let running = 0
  const levels = [...read('parallel').matchAll(/[+-]/g)].map(([sign]) => (running += sign === '+' ? 1 : -1))
  assert.equal(levels.length, 10)
  assert.equal(Math.max(...levels), 2)
})

test('details are called as the options say', async () => {
  const path = script('echo "$4" >> $FOLDER/details')
  const [mitigation, briefing] = banOf(path)
  const without = { ...briefing, packets: [] }

  await driver({ passDetails: 'never' }).amend(mitigation, briefing)
  await driver({ passDetails: 'with-packets' }).amend(mitigation, without)
  assert.equal(read('details'), '')

  await driver({ passDetails: 'always' }).amend(mitigation, without)
  assert.equal(read('details'), 'attack_details\n')
})

test('a script that fails is logged with its words, and its unban is still called', async () => {
  const lines: [string, Facts | undefined][] = []
  const logger = { ...SILENT, warn: (message: string, facts?: Facts) => void lines.push([message, facts]) }
  const path = script('echo "$4" >> $FOLDER/failing; echo no route >&2; exit 3')
  const [mitigation, briefing] = banOf(path)
  const enforcer = driver({}, logger)

  const ban = await enforcer.announce(mitigation, briefing)
  const unban = await enforcer.withdraw(mitigation, briefing)

  assert.deepEqual(
    [ban, unban],
    [
      { kind: 'failed', error: 'exit status 3' },
      { kind: 'failed', error: 'exit status 3' },
    ],
  )
  assert.equal(read('failing'), 'ban\nunban\n')
  const { milliseconds, ...facts } = lines[0]?.[1] ?? {}
  assert.equal(typeof milliseconds, 'number')
  assert.deepEqual(
    [lines[0]?.[0], facts],
    [
      'notify script failed',
      {
        action: 'ban',
        host: '192.0.2.1',
        attackId: 'attack-on-192.0.2.1',
        status: 3,
        stderr: 'no route\n',
        error: 'exit status 3',
      },
    ],
  )
})

test('a script that hangs holds up its own host only, and its unban follows', async () => {
  const path = script('echo "$1 $4" >> $FOLDER/hanging; [ "$1 $4" = "192.0.2.1 ban" ] && sleep 1000; exit 0')
  const enforcer = driver({ timeoutSeconds: 2 })
  const [slow, slowBriefing] = banOf(path, '192.0.2.1')

  const outcomes = await Promise.all([
    enforcer.announce(slow, slowBriefing),
    enforcer.withdraw(slow, slowBriefing),
    enforcer.announce(...banOf(path, '192.0.2.2')),
  ])

  assert.deepEqual(outcomes, [
    { kind: 'failed', error: 'ended after 2 s, its time limit' },
    { kind: 'done' },
    { kind: 'done' },
  ])
  assert.deepEqual(read('hanging').trim().split('\n').sort(), [
    '192.0.2.1 ban',
    '192.0.2.1 unban',
    '192.0.2.2 ban',
  ])
  assert.ok(counted(enforcer).includes('floodwarden_script_calls_total ban timed-out 1'))
})

test('a script that does not exist fails in words, and nothing is taken back', async () => {
  const path = join(folder, 'nowhere')
  const [mitigation, briefing] = banOf(path)
  const enforcer = driver()

  const ban = await enforcer.announce(mitigation, briefing)
  const details = await enforcer.amend(mitigation, briefing)
  const unban = await enforcer.withdraw(mitigation, briefing)

  assert.deepEqual(ban, { kind: 'failed', error: `${path} does not exist` })
  assert.deepEqual(details, { kind: 'failed', error: 'the script was not called with ban' })
  assert.deepEqual(unban, { kind: 'done' })
})

test('nothing is taken back either when the unban was asked for before the ban could not be called', async () => {
  const path = join(folder, 'nowhere')
  const [mitigation, briefing] = banOf(path)
  const enforcer = driver()

  const outcomes = await Promise.all([
    enforcer.announce(mitigation, briefing),
    enforcer.withdraw(mitigation, briefing),
  ])

  assert.deepEqual(outcomes, [{ kind: 'failed', error: `${path} does not exist` }, { kind: 'done' }])
  assert.deepEqual(counted(enforcer), ['floodwarden_script_calls_total ban not-started 1'])
})

test('a script that somebody is just writing is tried again', async () => {
  const path = script('echo "$4" >> $FOLDER/written')
  const writing = openSync(path, 'r+')
  const ban = driver().announce(...banOf(path))
  await sleep(50)
  assert.equal(read('written'), '')
  closeSync(writing)

  assert.deepEqual(await ban, { kind: 'done' })
  assert.equal(read('written'), 'ban\n')
})

test('when too many calls wait, details go first, then the newest ban; unbans are called', async () => {
  const path = script('echo "$1 $4" >> $FOLDER/full')
  const enforcer = driver({ parallel: 1, queueMax: 2 })
  const [first, second, third, fourth] = [1, 2, 3, 4].map(last => banOf(path, `192.0.2.${last}`))
  assert.ok(first && second && third && fourth)

  const outcomes = await Promise.all([
    enforcer.announce(...first),
    enforcer.amend(...first),
    enforcer.announce(...second),
    enforcer.announce(...third),
    enforcer.announce(...fourth),
    enforcer.withdraw(...fourth),
    enforcer.withdraw(...first),
  ])

  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['done', 'failed', 'done', 'done', 'failed', 'done', 'done'],
  )
  assert.equal(read('full'), '192.0.2.1 ban\n192.0.2.2 ban\n192.0.2.3 ban\n192.0.2.1 unban\n')
  assert.ok(counted(enforcer).includes('floodwarden_script_dropped_calls_total attack_details 1'))
  assert.ok(counted(enforcer).includes('floodwarden_script_dropped_calls_total ban 1'))
})

test('when waiting reports hold too much memory, a ban is told in short', async () => {
  const path = script('grep -c bytes >> $FOLDER/short')
  const [mitigation, briefing] = banOf(path)
  const known = { ...briefing, flows: exampleFlows(6) }

  const { length } = encodeCall('ban', known, OPTIONS.style).stdin ?? ''

  await driver({ waitingBytesMax: length }).announce(mitigation, known)
  await driver({ waitingBytesMax: length - 1 }).announce(mitigation, known)

  assert.equal(read('short'), '8\n2\n')
})

test('stopping lets waiting unbans through, fails what else waits and ends what hangs in time', async () => {
  const path = script(
    'echo "$1 $4" >> $FOLDER/stopping; case "$1 $4" in *.3*) sleep 1000;; *ban) until [ -e $FOLDER/go ]; do sleep 0.01; done;; esac',
  )
  const enforcer = driver({ parallel: 2 })
  const [first, second, third] = [1, 2, 3].map(last => banOf(path, `192.0.2.${last}`))
  assert.ok(first && second && third)
  const hanging = enforcer.announce(...third)
  const running = enforcer.announce(...first)
  const waiting = enforcer.announce(...second)
  const unban = enforcer.withdraw(...first)
  while (!read('stopping').includes('192.0.2.1 ban')) await sleep(2)

  const begun = performance.now()
  const stopped = enforcer.stop(2500)
  writeFileSync(join(folder, 'go'), '')
  await stopped
  const took = performance.now() - begun

  assert.ok(took < 20_000, `${took} ms`)
  assert.deepEqual(await Promise.all([hanging, running, waiting, unban]), [
    { kind: 'failed', error: 'ended because the daemon stops' },
    { kind: 'done' },
    { kind: 'failed', error: 'the call was dropped: the daemon stops' },
    { kind: 'done' },
  ])
  assert.deepEqual(await enforcer.announce(...first), { kind: 'failed', error: 'the daemon stops' })
  assert.match(read('stopping'), /192\.0\.2\.1 unban/)
})

test('every value belongs to a declared metric with its labels', () => {
  for (const { name, labels } of driver().metrics()) {
    const declared = METRICS.find(metric => metric.name === name)
    assert.deepEqual(declared?.labels ?? [], Object.keys(labels ?? {}))
  }
})

test('in the form of the newest FastNetMon a ban waits for its packets, and comes without them in time', async () => {
  const path = script('echo "$1 $4 $(grep -c "frag: 0")" >> $FOLDER/head')
  const style = { ...OPTIONS.style, report: 'head' } as const
  const [enforcer, hasty] = [driver({ style, packetsWaitMs: 60_000 }), driver({ style, packetsWaitMs: 30 })]
  const [mitigation, briefing] = banOf(path)
  const [late, lateBriefing] = banOf(path, '192.0.2.2')
  const [short, shortBriefing] = banOf(path, '192.0.2.3')
  const without = (known: Briefing): Briefing => ({ ...known, packets: [] })

  const banned = enforcer.announce(mitigation, without(briefing))
  await sleep(20)
  assert.equal(read('head'), '')
  await enforcer.amend(mitigation, { ...briefing, flows: [] })
  await banned
  assert.equal(read('head'), '192.0.2.1 ban 2\n')
  void enforcer.announce(short, without(shortBriefing))
  await enforcer.withdraw(short, without(shortBriefing))
  await hasty.announce(late, without(lateBriefing))

  assert.equal(read('head'), '192.0.2.1 ban 2\n192.0.2.3 ban 0\n192.0.2.3 unban 0\n192.0.2.2 ban 0\n')
})

// Arming and disarming a daemon that runs: shown, asked, done, and remembered.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { run } from '../../lab/command.ts'
import { recordingScript } from '../../lab/recording-script.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const HOST = '192.0.2.7'

function dryRunOf(t: TestContext) {
  const folder = temporaryFolder(t)
  const script = recordingScript(folder)
  const file = join(folder, 'config.yaml')
  const write = (armed: boolean) =>
    writeFileSync(
      file,
      `networks: [192.0.2.0/24]
capture: { method: off }
metrics: { listen: off }
mitigation: { armed: ${armed} }
enforcement: { notifyScript: { path: ${script.path}, passDetails: never } }
`,
    )
  write(false)
  const state = join(folder, 'state')
  const start = () => RunningDaemon.start({ state, words: ['--config', file] })
  const told = (count: number) => script.until(({ length }) => length >= count, 60)
  const cli = (...words: string[]) => run([FLOODWARDEN, ...words, '--state', state])
  return { script, write, start, told, cli }
}

const isArmed = async (daemon: RunningDaemon) => (await daemon.call(ROUTES.status, {})).armed

test('arming carries out what was only shown, and disarming takes it back', async t => {
  const { start, told, cli, script } = dryRunOf(t)
  await using daemon = await start()
  await daemon.call(ROUTES.ban, { host: HOST })

  const { changes, armed } = await daemon.call(ROUTES.arming, {})
  assert.equal(armed, false)
  assert.deepEqual(
    changes.map(({ host, announce }) => [host, announce]),
    [[HOST, [`call the script ${script.path}`]]],
  )
  const unasked = await cli('arm')
  assert.equal(unasked.code, 1)
  assert.match(unasked.stderr, /nobody can be asked here; say --yes/)
  assert.deepEqual(script.calls(), [])

  const done = await cli('arm', '--yes', '--reason', 'ticket 4711')
  assert.equal(done.code, 0, done.stderr)
  assert.match(done.stdout, new RegExp(`^${HOST} \\(attack .*\\)\n {2}\\+ call the script `))
  assert.equal(await isArmed(daemon), true)
  await told(1)

  const { stdout } = await cli('disarm', '--yes')
  assert.match(stdout, /^ {2}- call the script .*\nDisarmed/m)
  const calls = await told(2)
  assert.deepEqual(
    calls.map(({ action, host }) => [action, host]),
    [
      ['ban', HOST],
      ['unban', HOST],
    ],
  )
  assert.equal(await isArmed(daemon), false)
  const { entries } = await daemon.call(ROUTES.audit, { limit: 100 })
  const orders = entries.filter(({ what }) => what === 'arm' || what === 'disarm')
  assert.deepEqual(
    orders.map(({ what, outcome, reason }) => [what, outcome, reason]),
    [
      ['disarm', 'done', 'ordered by hand'],
      ['arm', 'done', 'ticket 4711'],
    ],
  )
})

test('an order outlives kill -9, until the file says something else', async t => {
  const { start, told, write } = dryRunOf(t)
  await using first = await start()
  await first.call(ROUTES.arm, { armed: true })
  await first.call(ROUTES.ban, { host: HOST })
  await told(1)
  await first.untilKept(1)
  await first.stop('SIGKILL')

  await using second = await start()
  assert.equal(await isArmed(second), true)
  assert.equal((await second.call(ROUTES.arming, {})).from, 'order')
  await second.call(ROUTES.unban, { host: HOST })
  assert.equal((await told(2)).at(-1)?.action, 'unban')

  write(true)
  await second.call(ROUTES.reload, {})
  assert.equal((await second.call(ROUTES.arming, {})).from, 'configuration')
  write(false)
  await second.call(ROUTES.reload, {})
  assert.equal(await isArmed(second), false)
})

test('where nothing could be carried out, arming is refused and says so', async t => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'config.yaml')
  writeFileSync(file, 'networks: [192.0.2.0/24]\ncapture: { method: off }\nmetrics: { listen: off }\n')
  await using daemon = await RunningDaemon.start({ state: join(folder, 'state'), words: ['--config', file] })

  const { code, stderr } = await run([FLOODWARDEN, 'arm', '--yes', '--state', daemon.state])

  assert.equal(code, 1)
  assert.match(stderr, /neither a script nor an announcer is configured/)
  assert.equal(await isArmed(daemon), false)
})

test('a start that is not armed takes back what an armed one left, and goes on as a dry run', async t => {
  const { start, told, write } = dryRunOf(t)
  write(true)
  await using first = await start()
  await first.call(ROUTES.ban, { host: HOST })
  await told(1)
  await first.untilKept(1)
  await first.stop('SIGKILL')
  write(false)

  await using second = await start()
  const calls = await told(2)

  assert.deepEqual(
    calls.map(({ action }) => action),
    ['ban', 'unban'],
  )
  const { attacks } = await second.call(ROUTES.attacks, {})
  assert.deepEqual(
    attacks.map(({ state, mitigations }) => [state, mitigations.at(-1)?.enforcer]),
    [['open', 'dry-run']],
  )
})

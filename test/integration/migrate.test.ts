// The way from FastNetMon and back, rehearsed with the real one: each in turn on the same files, with the same script.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { startFlood } from '../../lab/flood.ts'
import { Lab, type Link } from '../../lab/namespace.ts'
import { FastnetmonPeer } from '../../lab/peer/fastnetmon.ts'
import { withOwnVarLog } from '../../lab/peer/own-var-log.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import { type RecordedCall, recordingScript } from '../../lab/recording-script.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { writeConf } from '../differential/conf.ts'
import { mayRunFastnetmon } from '../may-run-fastnetmon.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const HOSTS = ['10.10.1.1', '10.10.2.2', '10.10.3.3'] as const
const TAKEN_OVER = HOSTS[0]
/** Above the limit of 2,000 by so much that an average of 5 s crosses it soon. */
const FLOOD = { scenario: 'udp-flood', rate: 12_000, seconds: 3 } as const

test('FastNetMon bans, Floodwarden goes on with its files and takes everything back, FastNetMon bans again', {
  timeout: 240_000,
}, async t => {
  if (!mayRunFastnetmon(t)) return
  const folder = temporaryFolder(t)
  await using lab = await Lab.create(mirrorPlan())
  const [link] = lab.links as [Link]
  const script = recordingScript(folder)
  const files = writeConf(folder, {
    ...{ interfaceName: link.to.interface, script: script.path, port: 9209 },
    run: { recordCount: 20, tracking: true },
  })
  const flood = (target: string) => startFlood(lab, link, { ...FLOOD, target }).sent
  const fastnetmon = (name: string) => {
    const own = join(folder, name)
    mkdirSync(own)
    return FastnetmonPeer.start({ lab, role: 'detector', folder: own, config: files.config })
  }
  const upTo = (count: number) => script.until(calls => calls.length >= count, 60)
  const words = () => script.calls().map(({ host, action }) => `${action} ${host}`)

  {
    await using _peer = await fastnetmon('before')
    await flood(HOSTS[0])
    await upTo(2)
  }
  // It forgot its ban; the host is handed over, so that somebody takes it back.
  {
    await using daemon = await RunningDaemon.start({
      state: join(folder, 'state'),
      words: ['--config', files.config, '--on-stop', 'withdraw'],
      spawn: (argv, options) => lab.spawn('detector', withOwnVarLog(folder, argv), options),
    })
    assert.equal((await daemon.call(ROUTES.status, {})).armed, true)
    await daemon.call(ROUTES.ban, { host: TAKEN_OVER, seconds: 1900 })
    await upTo(3)
    await flood(HOSTS[1])
    await upTo(5)
    const { bans } = await daemon.call(ROUTES.bans, {})
    assert.deepEqual(bans.map(({ host }) => host).sort(), [HOSTS[0], HOSTS[1]])
    assert.equal((await daemon.stop()).code, 0)
  }
  assert.deepEqual(words(), [
    ...[`ban ${HOSTS[0]}`, `attack_details ${HOSTS[0]}`, `ban ${HOSTS[0]}`],
    ...[`ban ${HOSTS[1]}`, `attack_details ${HOSTS[1]}`],
    // Both are taken back at the same time.
    ...words().slice(5),
  ])
  assert.deepEqual(words().slice(5).sort(), [`unban ${HOSTS[0]}`, `unban ${HOSTS[1]}`])
  {
    await using _peer = await fastnetmon('after')
    await flood(HOSTS[2])
    await upTo(9)
  }
  assert.deepEqual(words().slice(7), [`ban ${HOSTS[2]}`, `attack_details ${HOSTS[2]}`])

  const told = (host: string) => script.calls().filter(call => call.host === host && call.action !== 'unban')
  const [before, ours, after] = [told(HOSTS[0]).slice(0, 2), told(HOSTS[1]), told(HOSTS[2])]
  assert.deepEqual(ours.map(likeness), before.map(likeness))
  assert.deepEqual(after.map(likeness), before.map(likeness))
})

/** A call without what differs from one attack to the next: the host, the power, and the numbers of the report. */
function likeness({ argv, stdin }: RecordedCall) {
  const [, direction, , action] = argv
  const [first, ...others] = stdin.split('\n').map(line => line.split(': ')[0])
  const labels = action === 'ban' ? [first, ...others] : [first]
  return { direction, action, words: argv.length, labels: labels.filter(label => !/\d/.test(label ?? '')) }
}

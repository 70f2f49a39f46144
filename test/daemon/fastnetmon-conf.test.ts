// A daemon that is given a fastnetmon.conf: what it says at the start, and what it is armed for.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bansSchema } from '#api/contract/ban.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { recordingScript } from '../../lab/recording-script.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { temporaryFolder } from '../temporary-folder.ts'

interface Given {
  readonly daemon: RunningDaemon
  readonly config: string
  readonly calls: () => readonly string[][]
}

/** A daemon with these lines and a networks list; SCRIPT stands for a script that writes its calls down. */
async function startWith(t: TestContext, lines: readonly string[], ...words: string[]): Promise<Given> {
  const folder = temporaryFolder(t)
  const script = recordingScript(folder)
  const config = join(folder, 'fastnetmon.conf')
  writeFileSync(join(folder, 'networks_list'), '192.0.2.0/24\n')
  const common = [
    `networks_list_path = ${folder}/networks_list`,
    'monitor_local_ip_addresses = off',
    'prometheus = off',
  ]
  writeFileSync(config, `${[...lines, ...common].join('\n').replace('SCRIPT', script.path)}\n`)
  const daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', config, ...words],
  })
  return { daemon, config, calls: () => script.calls().map(({ argv }) => [...argv]) }
}

const saidBy = ({ daemon }: Given): string[] =>
  daemon.log
    .filter(({ message }) => message === 'configuration')
    .map(line => String(line['says'] ?? `${line.level}: ${line['problem']}`))

const ORDER = ['enable_ban = on', 'notify_script_path = SCRIPT', 'ban_for_pps = on', 'threshold_pps = 20000']

test('enable_ban = on arms exactly the script, and averages that are set mean plain mode', async t => {
  const given = await startWith(t, [...ORDER, 'average_calculation_time = 5', 'mirror_afpacket = off'])
  await using daemon = given.daemon

  await daemon.call(ROUTES.ban, { host: '192.0.2.1' })
  await daemon.call(ROUTES.unban, { host: '192.0.2.1' })
  await daemon.until(line => line.message === 'notify script ended' && line['action'] === 'unban')

  const said = saidBy(given).join('\n')
  assert.match(said, /^armed +yes, by enable_ban = on: the script and nothing else$/m)
  assert.match(said, /^judged by +plain mode: average over 5 s, every 1 s; IPv4$/m)
  assert.match(said, /conf:5:28: notice: average_calculation_time is set.*\n +start with --detection budget/)
  assert.deepEqual(given.calls(), [
    ['192.0.2.1', 'other', '0', 'ban'],
    ['192.0.2.1', 'other', '0', 'unban'],
  ])
})

test('--detection budget has the last word, and then nothing is said about averages', async t => {
  const given = await startWith(t, [...ORDER, 'average_calculation_time = 5'], '--detection', 'budget')
  await using daemon = given.daemon

  const said = saidBy(given).join('\n')

  assert.equal((await daemon.call(ROUTES.status, {})).mode, 'budget')
  assert.match(said, /^judged by +excess budget/m)
  assert.doesNotMatch(said, /average_calculation_time/)
})

test('enable_ban = off reports and calls nobody', async t => {
  const given = await startWith(t, ['enable_ban = off', ...ORDER.slice(1)])
  await using daemon = given.daemon

  await daemon.call(ROUTES.ban, { host: '192.0.2.1' })
  const { stdout } = await daemon.ask(['bans', '--json'])

  assert.match(saidBy(given).join('\n'), /conf:1:14: notice: enable_ban is off/)
  assert.equal(bansSchema.parse(JSON.parse(stdout)).total, 1)
  assert.equal((await daemon.call(ROUTES.status, {})).armed, false)
  assert.deepEqual(given.calls(), [])
})

test('what is not carried and what is misspelled is named with its line, each once', async t => {
  const given = await startWith(t, [
    ...ORDER,
    'mongodb_enabled = on',
    'treshold_mbps = 1000',
    'pcap = on',
    'interfaces = nowhere0',
  ])
  await using daemon = given.daemon

  const warnings = saidBy(given).filter(text => text.startsWith('warn: '))
  const { capture } = await daemon.call(ROUTES.status, {})

  assert.equal(warnings.filter(text => text.includes(':5:19: ')).length, 1, warnings.join('\n'))
  assert.match(
    warnings.join('\n'),
    /conf:6:17: warning: unknown key "treshold_mbps"; it is ignored\n {2}did you mean threshold_mbps\?/,
  )
  assert.deepEqual(
    capture.map(({ interface: name, link }) => [name, link]),
    [['nowhere0', 'unknown']],
  )
  assert.ok(
    daemon.log.some(line => /^no capture/.test(line.message) && /nowhere0/.test(String(line['problem']))),
  )
})

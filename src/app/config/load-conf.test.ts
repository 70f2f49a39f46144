import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { OPTIONS } from '#compat/fastnetmon/option-table.ts'
import { settingAt } from '#lib/schema/settings.ts'
import { settingsTree } from './config.ts'
import { type Loaded, loadConfig } from './load.ts'
import type { Overrides } from './overrides.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-conf-'))
after(() => rmSync(folder, { recursive: true }))

const SCRIPT = join(folder, 'notify.sh')
writeFileSync(SCRIPT, '#!/bin/sh\n')
chmodSync(SCRIPT, 0o755)
writeFileSync(join(folder, 'networks'), '192.0.2.0/24\n2001:db8::1/32\n')
writeFileSync(join(folder, 'whitelist'), '')

/** What the guide of the MITIGATOR scrubber asks for. */
const MITIGATOR = `networks_list_path = ${folder}/networks
white_list_path = ${folder}/whitelist
monitor_local_ip_addresses = off
mirror_afpacket = on
interfaces = eth1
enable_ban = on
process_incoming_traffic = on
process_outgoing_traffic = off
ban_details_records_count = 0
ban_time = 30
unban_only_if_attack_finished = on
ban_for_pps = on
ban_for_bandwidth = on
ban_for_flows = off
threshold_pps = 20000
threshold_mbps = 1000
average_calculation_time = 5
notify_script_path = ${SCRIPT}
notify_script_pass_details = on
`

function load(text: string, overrides: Overrides = {}): Loaded {
  const file = join(folder, 'f.conf')
  writeFileSync(file, text)
  return loadConfig({ file, overrides, ownAddresses: () => ['192.0.2.7'] })
}

function configOf(loaded: Loaded) {
  if (loaded.kind === 'refused') assert.fail(JSON.stringify(loaded.problems, null, 1))
  return loaded.config
}

test('the configuration of the MITIGATOR guide is used as it is', () => {
  const loaded = load(MITIGATOR)

  const config = configOf(loaded)

  assert.equal(loaded.kind === 'ok' && loaded.isOrdered, true)
  assert.deepEqual(config.networks, ['192.0.2.0/24', '2001:db8::/32'])
  assert.deepEqual(config.detection.thresholds, {
    incoming: { packetsPerSecond: 20_000, megabitsPerSecond: 1_000 },
    outgoing: {},
  })
  assert.equal(config.detection.mode, 'plain')
  assert.equal(config.detection.banSeconds, 30)
  assert.equal(config.detection.unbanOnlyIfAttackFinished, true)
  assert.deepEqual(config.traffic, {
    incoming: true,
    outgoing: false,
    internal: config.traffic.internal,
    flows: 'tcp-udp-v4',
    averageSeconds: 5,
    speedSeconds: 1,
    hostsMax: config.traffic.hostsMax,
    idleSeconds: config.traffic.idleSeconds,
  })
  assert.equal(config.evidence.packets, 0)
  assert.equal(config.mitigation.armed, true)
  assert.equal(config.enforcement.notifyScript.path, SCRIPT)
  assert.equal(config.enforcement.notifyScript.passDetails, 'always')
  assert.equal(config.enforcement.notifyScript.addressForm, 'padded')
  assert.deepEqual(
    loaded.problems.map(problem => `${problem.severity} ${problem.code}`),
    ['notice fastnetmon-plain-mode', 'warning config-host-bits'],
  )
})

test('a problem of a list is placed in the list', () => {
  const [problem] = load(MITIGATOR).problems.filter(({ code }) => code === 'config-host-bits')

  assert.equal(problem?.file, `${folder}/networks`)
  assert.equal(problem?.line, 2)
})

test('the command line can choose the faster decision, and then nothing is said about plain mode', () => {
  const loaded = load(MITIGATOR, { detection: 'budget' })

  assert.equal(configOf(loaded).detection.mode, 'budget')
  assert.equal(configOf(loaded).traffic.flows, 'all')
  assert.ok(!loaded.problems.some(problem => problem.code === 'fastnetmon-plain-mode'))
})

test('a value that is impossible is refused at the line of its option', () => {
  const loaded = load(
    MITIGATOR.replace('interfaces = eth1', 'interfaces = eth1,an_interface_with_a_long_name'),
  )

  assert.equal(loaded.kind, 'refused')
  assert.deepEqual(
    loaded.problems
      .filter(({ severity }) => severity === 'error')
      .map(({ line, column, code }) => [line, column, code]),
    [[5, 14, 'config-impossible-value']],
  )
})

test('every honoured option names a setting that exists', () => {
  const unknown = OPTIONS.filter(({ setting }) => setting !== '').filter(({ setting }) => {
    return settingAt(settingsTree(), setting.replace('*', 'incoming').split('.')) === undefined
  })

  assert.deepEqual(unknown, [])
})

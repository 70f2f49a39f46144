import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { formatProblem } from './format-problem.ts'
import { type Loaded, loadConfig } from './load.ts'
import type { Overrides } from './overrides.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-config-'))
after(() => rmSync(folder, { recursive: true }))

const OWN = ['192.0.2.7', '2001:db8::7']

function load(text: string | Uint8Array, overrides: Overrides = {}, name = 'f.yaml'): Loaded {
  const file = join(folder, name)
  writeFileSync(file, text)
  return loadConfig({ file, overrides, ownAddresses: () => OWN })
}

/** Problems as people read them, without the folder. */
const said = (loaded: Loaded) =>
  loaded.problems.map(problem => formatProblem(problem).replaceAll(`${folder}/`, ''))

function configOf(loaded: Loaded) {
  if (loaded.kind === 'refused') assert.fail(said(loaded).join('\n'))
  return loaded.config
}

test('without a file the own addresses are watched, and nothing is armed', () => {
  const loaded = loadConfig({ ownAddresses: () => OWN })

  const config = configOf(loaded)

  assert.deepEqual(config.networks, ['192.0.2.7/32', '2001:db8::7/128'])
  assert.deepEqual(config.detection.thresholds, {
    incoming: { packetsPerSecond: 20_000, megabitsPerSecond: 1_000 },
    outgoing: { packetsPerSecond: 20_000, megabitsPerSecond: 1_000 },
  })
  assert.equal(config.mitigation.armed, false)
  assert.equal(config.enforcement.notifyScript.path, undefined)
  assert.deepEqual(loaded.problems, [])
})

test('an empty file means the same as none', () => {
  const none = loadConfig({ ownAddresses: () => OWN })

  assert.deepEqual(configOf(load('')), configOf(none))
  assert.deepEqual(configOf(load('capture:\ndetection:\n  thresholds:\nhostgroups:\n')), configOf(none))
})

test('unknown keys, wrong types and impossible values are all named, each with its place', () => {
  const loaded = load(`networks: [10.0.0.0/8, 10.0.0.0/33]
capture:
  interface: eth0
  workers: 0
  promiscuous: on
  ringMegabytes: "64"
detection:
  armed: true
  mode: plian
  thresholds:
    incoming: { packetPerSecond: 5 }
log: 3
`)

  assert.equal(loaded.kind, 'refused')
  assert.deepEqual(said(loaded), [
    'f.yaml:1:24: error: networks[1]: expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32, or own, found the text "10.0.0.0/33"',
    'f.yaml:3:3: error: capture.interface: unknown key "interface"\n  did you mean interfaces?',
    'f.yaml:4:12: error: capture.workers: expected a whole number from 1 to 64, found 0',
    'f.yaml:5:16: error: capture.promiscuous: expected true or false, found the text "on"\n  write true',
    'f.yaml:6:18: error: capture.ringMegabytes: expected a whole number from 1 to 2047, found the text "64"\n  write 64, without quotes or separators',
    'f.yaml:8:3: error: detection.armed: unknown key "armed"\n  armed belongs at mitigation.armed',
    'f.yaml:9:9: error: detection.mode: expected one of budget, plain, found the text "plian"\n  did you mean plain?',
    'f.yaml:11:17: error: detection.thresholds.incoming.packetPerSecond: unknown key "packetPerSecond"\n  did you mean packetsPerSecond?',
    'f.yaml:12:6: error: log: expected a section with keys, found 3',
  ])
})

test('codes tell the kinds of problems apart', () => {
  const codes = (text: string) => load(text).problems.map(problem => problem.code)

  assert.deepEqual(codes('colour: 1'), ['config-unknown-key'])
  assert.deepEqual(codes('capture: { workers: many }'), ['config-wrong-type'])
  assert.deepEqual(codes('capture: { workers: 1.5 }'), ['config-impossible-value'])
  assert.deepEqual(codes('hostgroups: { web: { enableBan: true } }'), ['config-missing-key'])
  assert.deepEqual(codes('hostgroups: { "a b": { networks: [10.0.0.1] } }'), ['config-impossible-value'])
  assert.deepEqual(codes('enforcement: { notifyScript: { path: notify.sh } }'), ['config-impossible-value'])
  assert.deepEqual(codes('metrics: { listen: "9209" }'), ['config-impossible-value'])
})

test('a file that cannot be read as text is refused', () => {
  mkdirSync(join(folder, 'folder.yaml'))

  assert.deepEqual(said(loadConfig({ file: join(folder, 'missing.yaml') })), [
    'missing.yaml: error: there is no such file',
  ])
  assert.deepEqual(said(loadConfig({ file: join(folder, 'folder.yaml') })), [
    'folder.yaml: error: it is a folder, and no prefixd.yaml is in it',
  ])
  assert.deepEqual(said(load(`# ${'x'.repeat(1024 * 1024)}`)), [
    'f.yaml: error: the file is larger than 1 MiB',
  ])
  assert.deepEqual(said(load(Buffer.from('a: 1\nb: \xe4\n', 'latin1'))), [
    'f.yaml:2:4: error: the text is not UTF-8 from here on',
  ])
})

test('a byte order mark and Windows line ends do no harm', () => {
  const config = configOf(load('\ufefflog:\r\n  level: debug\r\n'))

  assert.equal(config.log.level, 'debug')
})

test('the format is chosen by name, otherwise by content', () => {
  const origin = (text: string, name: string) => {
    const loaded = load(text, {}, name)
    return loaded.kind === 'ok' ? loaded.origin : 'refused'
  }

  assert.equal(origin('ban_time = 30\n', 'a.conf'), 'fastnetmon')
  assert.equal(origin('# old\n\nban_time = 30\n', 'plain'), 'fastnetmon')
  assert.equal(origin('log: { level: debug }\n', 'plain'), 'native')
  assert.equal(origin('log:\n  level: debug\n', 'b.conf'), 'native')
  assert.equal(origin('', 'c.conf'), 'fastnetmon')
  assert.equal(origin('ban_time = 30\n', 'a.yaml'), 'refused')
})

test('prefixes come out in canonical text, and cleared host bits are said', () => {
  const loaded = load('networks: [10.0.0.1/8, 2001:DB8::/32, 192.0.2.1, own]\n')

  assert.deepEqual(configOf(loaded).networks, [
    '10.0.0.0/8',
    '2001:db8::/32',
    '192.0.2.1/32',
    '192.0.2.7/32',
    '2001:db8::7/128',
  ])
  assert.deepEqual(said(loaded), [
    'f.yaml:1:12: warning: networks[0]: 10.0.0.1/8 has host bits set; used as 10.0.0.0/8',
  ])
})

test('a hostgroup inherits, and a parent that is none is refused', () => {
  const group = (name: string, more: string) => `  ${name}: { networks: [10.0.0.0/8], ${more} }\n`
  const refused = (text: string) => said(load(`networks: [10.0.0.0/8]\nhostgroups:\n${text}`))

  assert.deepEqual(refused(group('a', 'parent: b')), [
    'f.yaml:3:40: error: hostgroups.a.parent: there is no hostgroup b',
  ])
  assert.deepEqual(refused(group('a', 'parent: a')), [
    'f.yaml:3:40: error: hostgroups.a.parent: a is its own ancestor, by way of a',
  ])
})

test('limits that nobody can cross are told once, at the line that sets them', () => {
  const loaded = load(`networks: [10.0.0.0/8]
detection:
  thresholds:
    incoming: { megabitsPerSecond: 1000000000, udp: { packetsPerSecond: 2.0e9 } }
    outgoing: { dropped: { packetsPerSecond: 5 } }
`)

  assert.deepEqual(said(loaded), [
    'f.yaml:4:36: warning: detection.thresholds.incoming.megabitsPerSecond: never crossed: 1000 Tbit/s; the unit is Mbit/s',
    'f.yaml:4:73: warning: detection.thresholds.incoming.udp.packetsPerSecond: never crossed: more than any link carries',
    'f.yaml:5:26: warning: detection.thresholds.outgoing.dropped: never crossed: frames do not tell what a device has dropped, only flow records do',
  ])
})

test('exempt addresses that hide our own networks are warned about', () => {
  assert.deepEqual(said(load('networks: [10.1.0.0/16]\nwhitelistSources: [192.0.2.0/24, 10.0.0.0/8]\n')), [
    'f.yaml:2:34: warning: whitelistSources[1]: 10.0.0.0/8 covers the watched network 10.1.0.0/16: none of its traffic is counted',
  ])
})

test('settings that mean nothing together are warned about', () => {
  const loaded = load(`networks: [10.0.0.0/16, 0.0.0.0/0]
whitelist: [10.0.0.0/8]
traffic: { flows: off }
detection:
  thresholds:
    incoming: { flowsPerSecond: 100 }
    outgoing: {}
hostgroups:
  v6:
    networks: [2001:db8::/32]
    inherit: false
`)

  assert.deepEqual(said(loaded), [
    'f.yaml:1:25: warning: networks[1]: 0.0.0.0/0 holds every address',
    'f.yaml:2:13: warning: whitelist[0]: 10.0.0.0/8 covers the whole network 10.0.0.0/16: none of its hosts is ever banned',
    'f.yaml:6:33: warning: detection.thresholds.incoming.flowsPerSecond: never crossed: traffic.flows is off',
    'f.yaml:10:5: warning: hostgroups.v6.thresholds: there is no limit, so nothing here is ever an attack',
    'f.yaml:10:16: warning: hostgroups.v6.networks[0]: 2001:db8::/32 can never match: it lies outside the networks',
  ])
})

test('one prefix in two hostgroups refuses the file', () => {
  const loaded = load(`networks: [10.0.0.0/8]
hostgroups:
  a: { networks: [10.1.0.0/16], enableBan: false }
  b: { networks: [10.1.0.0/16, 10.1.2.0/24], enableBan: false }
`)

  assert.equal(loaded.kind, 'refused')
  assert.deepEqual(said(loaded), [
    'f.yaml:4:19: error: hostgroups.b.networks[0]: 10.1.0.0/16 also belongs to the hostgroup a',
  ])
})

test('one direction of limits can be set or removed without touching the other', () => {
  const config = configOf(load('detection: { thresholds: { outgoing: {} } }\n'))

  assert.deepEqual(config.detection.thresholds, {
    incoming: { packetsPerSecond: 20_000, megabitsPerSecond: 1_000 },
    outgoing: {},
  })
})

test('the notify script is looked at before it is needed', () => {
  const script = join(folder, 'notify.sh')
  const codes = () =>
    load(`enforcement: { notifyScript: { path: ${script} } }`).problems.map(problem => problem.code)

  assert.deepEqual(codes(), ['config-script-missing'])
  writeFileSync(script, '#!/bin/sh\n')
  chmodSync(script, 0o644)
  assert.deepEqual(codes(), ['config-script-not-executable'])
  chmodSync(script, 0o757)
  assert.deepEqual(codes(), ['config-script-writable'])
  chmodSync(script, 0o755)
  assert.deepEqual(codes(), [])
})

test('a budget that is set is fixed, unless packets are told to choose', () => {
  const chooses = (text: string) => configOf(load(`detection: { ${text} }`)).detection.suspicion.enabled

  assert.equal(chooses('banSeconds: 60'), true)
  assert.equal(chooses('budgetSeconds: 0.5'), false)
  assert.equal(chooses('budgetSeconds: 0.5, suspicion: { patientSeconds: 20 }'), false)
  assert.equal(chooses('budgetSeconds: 0.5, suspicion: { enabled: true }'), true)
})

test('plain mode brings what FastNetMon does, unless it is set otherwise', () => {
  const plain = configOf(load('detection: { mode: plain }'))
  const budget = configOf(load('detection: { mode: plain }', { detection: 'budget' }))
  const set = configOf(load('traffic: { flows: all }', { detection: 'plain' }))

  assert.equal(plain.traffic.flows, 'tcp-udp-v4')
  assert.equal(plain.enforcement.notifyScript.addressForm, 'padded')
  assert.equal(budget.traffic.flows, 'all')
  assert.equal(budget.enforcement.notifyScript.addressForm, 'canonical')
  assert.equal(set.traffic.flows, 'all')
})

test('the command line replaces what the file says and is checked alike', () => {
  const config = configOf(
    load('capture: { method: off, interfaces: [eth0], workers: 2 }', {
      interfaces: ['eth1'],
      metrics: 'off',
    }),
  )

  assert.deepEqual(config.capture.interfaces, ['eth1'])
  assert.equal(config.capture.method, 'af-packet')
  assert.equal(config.capture.workers, 2)
  assert.equal(config.metrics.listen, 'off')
  assert.deepEqual(configOf(load('capture: { interfaces: [eth0] }', { interfaces: [] })).capture.interfaces, [
    'eth0',
  ])
  assert.deepEqual(said(load('', { detection: 'plian' })), [
    '--detection: error: detection.mode: expected one of budget, plain, found the text "plian"\n  did you mean plain?',
  ])
})

test('of many problems of one kind the first are listed and the others counted', () => {
  const loaded = load(`networks: [${Array.from({ length: 150 }, (_, at) => `"x${at}"`).join(', ')}]`)

  assert.equal(loaded.problems.length, 21)
  assert.equal(loaded.problems.at(-1)?.message, '130 more of the kind config-impossible-value')
})

test('a machine without addresses watches nothing and says so', () => {
  const loaded = loadConfig({ ownAddresses: () => [] })

  assert.deepEqual(
    loaded.problems.map(problem => problem.code),
    ['config-no-own-address'],
  )
})

test('where telemetry arrives and nothing to capture on is named, nothing is captured', () => {
  const methodOf = (text: string, overrides: Overrides = {}) => configOf(load(text, overrides)).capture.method
  const telemetry = "telemetry: { listen: ['127.0.0.1:2055'] }\n"

  assert.equal(methodOf(telemetry), 'off')
  assert.equal(methodOf(`${telemetry}capture: { interfaces: [eth0] }`), 'af-packet')
  assert.equal(methodOf(`${telemetry}capture: { method: af-packet }`), 'af-packet')
  assert.equal(methodOf(telemetry, { interfaces: ['eth0'] }), 'af-packet')
  assert.equal(methodOf(''), 'af-packet')
})

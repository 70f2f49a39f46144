import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { OPTIONS } from '#compat/fastnetmon/option-table.ts'
import { loadConfig } from './load.ts'
import { toYaml } from './to-yaml.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-to-yaml-'))
after(() => rmSync(folder, { recursive: true }))

const CONF = join(folder, 'f.conf')
const YAML = join(folder, 'f.yaml')
const RULES = join(folder, 'rules')
const LISTS = `networks_list_path = ${join(folder, 'networks')}
white_list_path = ${join(folder, 'whitelist')}
whitelist_rules_path = ${RULES}
`
writeFileSync(join(folder, 'networks'), '10.0.0.1/8\n2001:db8::/32\n')
writeFileSync(join(folder, 'whitelist'), '10.9.0.0/16 # spared\n')
writeFileSync(RULES, '{"source_prefix":"192.0.2.7/24","source_ports":[53,"1-9"],"tcp_flags":["syn|ack"]}\n')

function tryLoad(file: string, text: string) {
  writeFileSync(file, text)
  return loadConfig({ file, ownAddresses: () => ['192.0.2.7', '2001:db8:1::1'] })
}

function load(file: string, text: string) {
  const loaded = tryLoad(file, text)
  return loaded.kind === 'ok' ? loaded : assert.fail(JSON.stringify(loaded.problems))
}

/** A value that the kind of an option may have, and now and then one that it may not. */
const textFor = (kind: string): fc.Arbitrary<string> => {
  if (kind === 'switch') return fc.constantFrom('on', 'off', 'yes')
  if (kind === 'number') return fc.oneof(fc.integer({ min: 0, max: 100_000 }).map(String), fc.constant('5s'))
  if (kind === 'hostgroup') return fc.constantFrom('web:10.1.0.0/24', 'dns:10.2.0.0/24,2001:db8:2::/48')
  if (kind === 'path') return fc.constantFrom('/opt/a b', '/opt/it is: #1', '/opt/x')
  return fc.constantFrom('eth0', 'eth0, eth1', 'packets', '127.0.0.1', 'debug')
}

const settable = OPTIONS.filter(
  ({ name, state }) => state === 'honoured' && !/_list_path$|^whitelist_rules_path$/.test(name),
)
const line = fc
  .constantFrom(...settable)
  .chain(({ name, kind }) =>
    fc
      .tuple(fc.constantFrom('', '', 'web_'), textFor(kind))
      .map(([group, value]) => `${group}${name} = ${value}`),
  )

test('the native equivalent of a fastnetmon.conf gives exactly the same configuration', () => {
  let compared = 0
  fc.assert(
    fc.property(fc.array(line, { maxLength: 25 }), lines => {
      const conf = tryLoad(CONF, `${LISTS}${lines.join('\n')}\n`)
      // An address that is none refuses the file: then there is nothing to translate.
      if (conf.kind === 'refused') return
      compared++

      const yaml = load(YAML, toYaml(conf.source, 'f.conf'))

      assert.deepEqual(yaml.config, conf.config)
    }),
    { numRuns: 150 },
  )
  assert.ok(compared > 30, `${compared} configurations were compared`)
})

test('each setting says where it was written', () => {
  const conf = load(CONF, `ban_time = 5\nthreshold_pps = 7\nban_for_pps = on\n${LISTS}`)

  const said = toYaml(conf.source, 'f.conf').replaceAll(`${folder}/`, '')

  assert.match(said, /banSeconds: 5 # f.conf:1\n/)
  assert.match(said, /packetsPerSecond: 7 # f.conf:2\n/)
  assert.match(said, /- 2001:db8::\/32 # networks:2\n/)
  assert.match(said, /source_prefix: 192.0.2.7\/24 # rules:1\n/)
  assert.match(said, /speedSeconds: 1\n/)
})

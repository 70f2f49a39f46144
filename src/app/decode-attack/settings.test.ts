import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { readEnvironmentFile } from './environment-file.ts'
import { settingsFrom } from './settings.ts'

test('a file is read as KEY=VALUE, with quotes and comments, and nothing of it is done', t => {
  const path = join(temporaryFolder(t), 'default')
  writeFileSync(
    path,
    `# a comment
A=plain value # and why
export B="in double # quotes" # and why
  C='in $(single) quotes'
D=
$(touch ${path}.made)
e=lower
F=a#b\r
`,
  )

  assert.deepEqual(
    [...readEnvironmentFile(path)],
    [
      ['A', 'plain value'],
      ['B', 'in double # quotes'],
      ['C', 'in $(single) quotes'],
      ['D', ''],
      ['F', 'a#b'],
    ],
  )
  assert.deepEqual([...readEnvironmentFile(`${path}.made`)], [])
})

test('the environment wins over the file, and what is named says where rules go', t => {
  const path = join(temporaryFolder(t), 'default')
  writeFileSync(path, 'FLOODWARDEN_DECODE_MINUTES=30\nFLOODWARDEN_DECODE_MODE=floodwarden\n')
  const settle = (environment: Readonly<Record<string, string>>) => {
    const settled = settingsFrom({ FLOODWARDEN_ENVIRONMENT_FILE: path, ...environment })
    assert.ok(settled.kind === 'settings', settled.kind === 'problems' ? settled.problems.join('\n') : '')
    return settled.settings
  }

  const own = settle({ FLOODWARDEN_DECODE_MINUTES: '5', FLOODWARDEN_DECODE_ACTION: 'rate-limit 9600' })
  const ddps = settle({
    FLOODWARDEN_DDPS_API: 'https://ddps.example.org',
    FLOODWARDEN_DDPS_CREDENTIALS_FILE: '/etc/ddps.credentials',
  })

  assert.deepEqual([own.minutes, own.mode, own.to.kind, own.spoolSeconds], [5, 'floodwarden', 'native', 300])
  assert.deepEqual(own.action, { kind: 'rate-bytes', bytesPerSecond: 9600, asn: 0 })
  assert.deepEqual(ddps.to, {
    kind: 'ddps',
    url: 'https://ddps.example.org',
    credentialsFile: '/etc/ddps.credentials',
    caFile: undefined,
  })
})

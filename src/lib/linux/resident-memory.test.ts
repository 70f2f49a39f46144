import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { cleanMappings, ResidentMemory } from './resident-memory.ts'

const mapping = (range: string, rights: string, path: string, dirty = 0) =>
  [
    `${range} ${rights} 00001000 fe:00 4711                       ${path}`,
    'Size:                128 kB',
    'Rss:                 128 kB',
    `Private_Dirty:         ${dirty} kB`,
    'VmFlags: rd mr mw me sd',
    '',
  ].join('\n')

test('only unchanged pages of files that cannot be written are named', () => {
  const smaps = [
    mapping('00400000-00500000', 'r-xp', '/usr/bin/node'),
    mapping('7f0000000000-7f0000001000', 'r--p', '/usr/lib/a file.so'),
    mapping('7f0000001000-7f0000002000', 'r--p', '/usr/lib/relocated.so', 4),
    mapping('7f0000002000-7f0000003000', 'rw-p', '/usr/lib/data.so'),
    mapping('7f0000003000-7f0000004000', 'r--s', '/shared'),
    mapping('7f0000004000-7f0000005000', 'r--p', ''),
    mapping('7f0000005000-7f0000006000', 'rw-p', '[heap]', 8),
  ].join('')

  assert.deepEqual(
    cleanMappings(smaps).map(({ from, to }) => [from, to]),
    [
      [0x400000n, 0x500000n],
      [0x7f0000000000n, 0x7f0000001000n],
    ],
  )
  assert.ok(cleanMappings(smaps).every(({ header }) => smaps.includes(`${header}\nSize`)))
})

test('this process has such pages, gives them back time and again, and goes on', () => {
  const fileKilobytes = () =>
    Number(/^RssFile:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1])
  const memory = new ResidentMemory()
  const before = fileKilobytes()

  memory.release()
  const first = fileKilobytes()
  // Parts of the program file that nobody else uses here.
  gunzipSync(gzipSync(new Intl.DateTimeFormat('de').format() + createHash('sha512').digest('hex')))
  const touched = fileKilobytes()
  memory.release()
  const second = fileKilobytes()

  assert.ok(first < before, `${before} kB before, ${first} kB after`)
  assert.ok(second < touched, `${touched} kB before, ${second} kB after`)
  assert.equal(JSON.parse('{"it": ["goes", "on"]}').it[1], 'on')
})

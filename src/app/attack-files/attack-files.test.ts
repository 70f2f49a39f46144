// Files of attacks: their names and bytes, their bounds, and disks that refuse.

import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { exampleAttack, exampleFlows, examplePacket, examplePackets } from '#5-evidence/example.ts'
import type { Facts } from '#lib/log/logger.ts'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { AttackFiles, type AttackFilesOptions } from './attack-files.ts'
import { fileStem, isAttackFile, stampText } from './file-name.ts'
import { pcapFiles } from './pcap-text.ts'

const OPENED_AT = exampleAttack().openedAt
const STEM = `192.0.2.1_${stampText(OPENED_AT)}`

function filesIn(
  directory: string,
  changes: Partial<AttackFilesOptions['config']> = {},
  more: Partial<AttackFilesOptions> = {},
) {
  const config = { directory, text: true, pcap: true, filesMax: 100, totalMegabytes: 1, days: 1, ...changes }
  const style = { recordCount: 5, addressForm: 'padded', localTime: String } as const
  return new AttackFiles({ config, style, counted: 'frame', log: SILENT, now: Date.now, ...more })
}

const shown = (directory: string) =>
  readdirSync(directory)
    .filter(name => !name.startsWith('.'))
    .sort()
const counted = (files: AttackFiles, name: string) =>
  [...files.metrics()]
    .filter(metric => metric.name === `floodwarden_attack_files${name}`)
    .map(({ value }) => value)

function folderOf(t: TestContext): string {
  return join(temporaryFolder(t), 'attacks')
}

test('the report of the ban and of the details stand in one file, the packets in another', async t => {
  const directory = folderOf(t)
  const files = filesIn(directory)
  const bytes = Uint8Array.from({ length: 60 }, (_, at) => at)
  const packets = [examplePacket({ bytesCaptured: bytes, bytes: 1400 })]

  files.opened(exampleAttack(), exampleFlows(1))
  files.evidence(exampleAttack(), packets)
  await files.stop(30_000)

  assert.deepEqual(shown(directory), [`${STEM}.pcap`, `${STEM}.txt`])
  const text = readFileSync(join(directory, `${STEM}.txt`), 'utf8')
  assert.equal(text.split('IP: 192.0.2.1\n').length, 3)
  assert.match(text, /\n\n\n\nIP: [\s\S]*[^\n]\n\n\n$/)
  assert.ok(text.indexOf('UDP flows:') < text.indexOf('protocol: udp frag: 0'))
  const pcap = readFileSync(join(directory, `${STEM}.pcap`))
  assert.deepEqual(new Uint8Array(pcap.subarray(40)), bytes)
  assert.equal(pcap.readUInt32LE(24 + 12), 1400)
})

test('at the bounds the oldest go, and files of before, of others and of other names stay', async t => {
  const directory = folderOf(t)
  mkdirSync(directory)
  const left = '10.0.0.1_01_01_26_00:00:00.txt'
  writeFileSync(join(directory, left), 'of another program')
  utimesSync(join(directory, left), 1000, 1000)
  writeFileSync(join(directory, 'notes.txt'), '')
  const files = filesIn(directory, { filesMax: 3, pcap: false })

  for (let at = 0; at < 10; at++) {
    files.opened(exampleAttack({ openedAt: OPENED_AT + at * 1000 }), [])
  }
  await files.stop(30_000)

  const names = shown(directory)
  assert.equal(names.length, 5)
  assert.ok(names.includes(left) && names.includes('notes.txt'))
  assert.ok(names.includes(`192.0.2.1_${stampText(OPENED_AT + 9000)}.txt`))
  assert.deepEqual(counted(files, '_deleted_total'), [7])
})

test('an earlier run is counted, and what is too old or too much in bytes goes', async t => {
  const directory = folderOf(t)
  const first = filesIn(directory, { pcap: false })
  first.opened(exampleAttack(), [])
  await first.stop(30_000)
  let now = Date.now()
  const second = filesIn(directory, { pcap: false, days: 1 }, { now: () => now })
  second.opened(exampleAttack({ openedAt: OPENED_AT + 1000 }), [])
  await second.stop(30_000)
  assert.deepEqual(counted(second, ''), [2])

  now += 2 * 86_400_000
  const third = filesIn(directory, { pcap: false }, { now: () => now })
  await third.stop(30_000)

  assert.deepEqual(shown(directory), [])
})

test('captures count as reports do: beyond so many bytes, and beyond so many files, the oldest go', async t => {
  const [large, many] = [folderOf(t), folderOf(t)]
  const bytesCaptured = new Uint8Array(1000)
  const packets = Array.from({ length: 300 }, () => examplePacket({ bytesCaptured, bytes: 1000 }))
  const write = async (files: AttackFiles) => {
    for (let at = 0; at < 6; at++) files.evidence(exampleAttack({ openedAt: OPENED_AT + at * 1000 }), packets)
    await files.stop(30_000)
  }
  const stems = (...at: number[]) => at.map(each => `192.0.2.1_${stampText(OPENED_AT + each * 1000)}.pcap`)

  // Each capture has 300 packets of 1,016 bytes and 24 before them: three fit into a megabyte.
  const byBytes = filesIn(large, { text: false, totalMegabytes: 1 })
  const byCount = filesIn(many, { text: false, totalMegabytes: 100, filesMax: 2 })
  await Promise.all([write(byBytes), write(byCount)])

  assert.deepEqual(shown(large), stems(3, 4, 5))
  assert.deepEqual(shown(many), stems(4, 5))
  assert.deepEqual(counted(byBytes, '_bytes'), [3 * (300 * 1016 + 24)])
  assert.deepEqual([...counted(byBytes, '_deleted_total'), ...counted(byCount, '_deleted_total')], [3, 4])
})

test('a directory that is taken away is made again; one that cannot be is told once and stops nothing', async t => {
  const folder = temporaryFolder(t)
  const directory = join(folder, 'attacks')
  const told: string[] = []
  const log = { ...SILENT, warn: (message: string, _facts?: Facts) => void told.push(message) }
  const files = filesIn(directory, { pcap: false }, { log })
  files.opened(exampleAttack(), [])
  await files.stop(30_000)
  rmSync(directory, { recursive: true })
  files.opened(exampleAttack(), [])
  files.opened(exampleAttack(), [])
  await files.stop(30_000)
  assert.deepEqual(shown(directory), [`${STEM}.txt`])

  writeFileSync(join(folder, 'file'), '')
  const never = filesIn(join(folder, 'file', 'attacks'), {}, { log })
  for (let at = 0; at < 5; at++) never.opened(exampleAttack(), [])
  await never.stop(30_000)

  assert.deepEqual(counted(never, '_failed_total'), [5])
  assert.equal(told.length, 2)
})

test('a link in the place of a file is not followed', async t => {
  const directory = folderOf(t)
  mkdirSync(directory)
  const victim = join(directory, '..', 'victim')
  symlinkSync(victim, join(directory, `${STEM}.txt`))
  const files = filesIn(directory, { pcap: false })

  files.opened(exampleAttack(), [])
  await files.stop(30_000)

  assert.equal(existsSync(victim), false)
  assert.deepEqual(counted(files, '_failed_total'), [1])
})

test('beyond the bound writes are dropped and counted', async t => {
  const files = filesIn(folderOf(t), { pcap: false }, { waitingMax: 3 })

  for (let at = 0; at < 10; at++) files.opened(exampleAttack(), [])
  await files.stop(30_000)

  assert.deepEqual(counted(files, '_dropped_total'), [7])
})

test('a name tells the host and the moment on the wall', () => {
  const at = new Date(2026, 10, 20, 9, 8, 7, 600).getTime()

  assert.equal(fileStem('10.99.1.1', at), '10.99.1.1_20_11_26_09:08:07')
})

test('names stay within their directory whatever the host is, and are known again', () => {
  for (const host of ['../../etc/passwd', '10.0.0.0/24', '2001:0db8::0001', '\u0000x', 'a'.repeat(500)]) {
    const name = `${fileStem(host, OPENED_AT)}.txt`

    assert.doesNotMatch(name, /\//)
    assert.ok(name.length < 100)
  }
  assert.ok(isAttackFile(`${STEM}.txt`) && isAttackFile(`${STEM}_link113_2.pcap`))
  assert.ok(!isAttackFile('.floodwarden') && !isAttackFile(`${STEM}.txt.gz`) && !isAttackFile('a.txt'))
})

test('lengths counted from the IP header on get their link layer back, tags included', () => {
  const frame = Buffer.alloc(60)
  frame.writeUInt16BE(0x88a8, 12)
  frame.writeUInt16BE(0x8100, 16)
  frame.writeUInt16BE(0x0800, 20)
  const packets = [
    ...examplePackets(1),
    examplePacket({ bytesCaptured: frame, bytes: 1000 }),
    examplePacket({ bytesCaptured: frame, linkType: 113, bytes: 10 }),
  ]

  const files = pcapFiles(packets, 'ip')

  assert.deepEqual(
    files.map(({ link, bytes }) => [link, Buffer.from(bytes).readUInt32LE(36), bytes.length]),
    [
      [1, 1022, 100],
      [113, 60, 100],
    ],
  )
})

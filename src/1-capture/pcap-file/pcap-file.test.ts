// Files as a source: refills, ends, and what is said of files that cannot be read.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pcapHeader, pcapRecord } from '#lib/pcap/writer.ts'
import { PcapFile } from './pcap-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'floodwarden-pcap-'))
after(() => rmSync(directory, { recursive: true }))

function write(name: string, ...parts: readonly Uint8Array[]): string {
  const path = join(directory, name)
  writeFileSync(path, Buffer.concat(parts))
  return path
}

const packet = (index: number, length: number): Uint8Array =>
  pcapRecord(
    {
      seconds: 1000 + index,
      nanoseconds: index,
      bytes: new Uint8Array(length).fill(index),
      wire: length + 4,
    },
    'nanos',
  )

const HEADER = pcapHeader(101, 65_535, 'nanos')

test('every packet is seen once, with its bytes, through many refills of one buffer', () => {
  const lengths = Array.from({ length: 500 }, (_, index) => (index * 37) % 200)
  const file = new PcapFile(
    write('many.pcap', HEADER, ...lengths.map((length, index) => packet(index & 255, length))),
    256,
  )
  const { buffer, view } = file

  let index = 0
  while (file.next()) {
    const length = lengths[index] ?? -1
    assert.equal(file.captured, length)
    assert.equal(file.wire, length + 4)
    assert.equal(file.seconds, 1000 + (index & 255))
    assert.equal(file.nanoseconds, index & 255)
    assert.equal(file.link, 101)
    for (let at = 0; at < length; at++) assert.equal(view.getUint8(file.at + at), index & 255)
    index++
  }

  assert.equal(index, 500)
  assert.equal(file.problem, undefined)
  assert.equal(file.buffer, buffer)
  assert.equal(file.next(), false)
  file.close()
  file.close()
})

test('the last record being cut is told after all others were given', () => {
  const first = packet(1, 60)
  const file = new PcapFile(write('cut.pcap', HEADER, first, packet(2, 60).subarray(0, 75)))

  assert.equal(file.next(), true)
  assert.equal(file.next(), false)
  assert.deepEqual(file.problem, { kind: 'cut', at: 24 + 76, reason: 'the file ends within a record' })
  file.close()
})

test('a broken record ends the reading at its place', () => {
  const bad = packet(2, 60)
  new DataView(bad.buffer).setUint32(8, 0x7fff_ffff, true)
  const file = new PcapFile(write('broken.pcap', HEADER, packet(1, 60), bad, packet(3, 60)))

  assert.equal(file.next(), true)
  assert.equal(file.next(), false)
  assert.equal(file.next(), false)
  assert.equal(file.problem?.kind, 'broken')
  assert.equal(file.problem.at, 24 + 76)
  file.close()
})

test('a record longer than the buffer is a problem, one that just fits is none', () => {
  const path = write('long.pcap', HEADER, packet(1, 240), packet(2, 241))
  const file = new PcapFile(path, 256)

  assert.equal(file.next(), true)
  assert.equal(file.next(), false)
  assert.deepEqual(file.problem, { kind: 'broken', at: 24 + 256, reason: 'a record longer than 256 bytes' })
  file.close()
})

test('files that are no captures say why', () => {
  const cases = [
    { path: join(directory, 'absent.pcap'), kind: 'unreadable', reason: /ENOENT.*absent\.pcap/ },
    { path: directory, kind: 'unreadable', reason: /EISDIR/ },
    { path: write('empty.pcap'), kind: 'cut', reason: /the file is empty/ },
    { path: write('short.pcap', HEADER.subarray(0, 20)), kind: 'cut', reason: /no complete header/ },
    {
      path: write('a.pcap.gz', Uint8Array.of(0x1f, 0x8b, 8), new Uint8Array(99)),
      kind: 'broken',
      reason: /run gunzip/,
    },
    {
      path: write('notes.txt', Buffer.from('these are not packets at all')),
      kind: 'broken',
      reason: /neither/,
    },
  ]
  for (const { path, kind, reason } of cases) {
    const file = new PcapFile(path)

    assert.equal(file.next(), false)
    assert.equal(file.problem?.kind, kind)
    assert.equal(file.problem.at, 0)
    assert.match(file.problem.reason, reason)
    file.close()
  }
})

test('a file that ends within a skipped block is cut as well', () => {
  const section = [0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0]
  const rest = [255, 255, 255, 255, 255, 255, 255, 255, 28, 0, 0, 0]
  const unknown = [99, 0, 0, 0, 0, 1, 0, 0, ...Array<number>(20).fill(0)]
  const file = new PcapFile(write('within.pcapng', Uint8Array.from([...section, ...rest, ...unknown])))

  assert.equal(file.next(), false)
  assert.equal(file.problem?.kind, 'cut')
  file.close()
})

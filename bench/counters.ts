// What counting costs per packet, by kind of packet and number of hosts, beside an empty walk over the same ring.

import { assert } from '#lib/assert.ts'
import { type CountedKind, measureKinds, sink } from './counted-kinds.ts'
import { benchOptions } from './options.ts'
import { SIZES, type Size } from './ring-frames.ts'
import { type Cell, printTable } from './table.ts'

const { quick } = benchOptions()
const RING_BLOCKS = quick ? 16 : 64
const ROUNDS = quick ? 3 : 9

function rowsOf(size: Size, measured: readonly CountedKind[]): Cell[][] {
  const plain = measured.find(({ name }) => name === 'UDP')?.nanos ?? Number.NaN
  return measured.map(({ name, nanos, empty }) => [
    size.hosts,
    name,
    nanos,
    1000 / nanos,
    empty,
    nanos / empty,
    nanos / plain,
  ])
}

const rows: Cell[][] = []
for (const size of SIZES) rows.push(...rowsOf(size, await measureKinds(size, RING_BLOCKS, ROUNDS)))
printTable(
  'counting, one core, from a ring in memory',
  ['hosts', 'packet', 'ns/packet', 'Mpps', 'empty walk ns', 'x empty walk', 'x plain UDP'],
  rows,
)
assert(Number.isInteger(sink), 'the walks were made')

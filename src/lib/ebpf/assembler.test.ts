// The assembler against encodings written down from the instruction set (RFC 9669) and seen from a compiler.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Assembler, immediate } from './assembler.ts'
import type { Register } from './opcode.ts'

const hex = (assembler: Assembler): string => Buffer.from(assembler.bytes()).toString('hex')

const CASES: readonly (readonly [string, (a: Assembler) => Assembler, string])[] = [
  ['r0 = 2', a => a.mov(0, immediate(2)), 'b700000002000000'],
  ['r6 = r1', a => a.mov(6, 1), 'bf16000000000000'],
  ['w0 = -1', a => a.alu32('mov', 0, immediate(-1)), 'b4000000ffffffff'],
  ['r1 += r2', a => a.alu('add', 1, 2), '0f21000000000000'],
  ['r4 += 14', a => a.alu('add', 4, immediate(14)), '070400000e000000'],
  ['w1 &= 0xffff0000', a => a.alu32('and', 1, immediate(0xffff_0000)), '540100000000ffff'],
  ['r3 >>= 16', a => a.alu('shiftRight', 3, immediate(16)), '7703000010000000'],
  ['r5 = be16 r5', a => a.toBigEndian(5, 16), 'dc05000010000000'],
  ['r2 = *(u32 *)(r1 + 4)', a => a.load(4, 2, 1, 4), '6112040000000000'],
  ['r4 = *(u16 *)(r6 + 12)', a => a.load(2, 4, 6, 12), '69640c0000000000'],
  ['*(u64 *)(r10 - 8) = r1', a => a.store(8, 10, -8, 1), '7b1af8ff00000000'],
  ['*(u32 *)(r9 + 26) = 7', a => a.store(4, 9, 26, immediate(7)), '62091a0007000000'],
  ['*(u8 *)(r9 + 1) = 7', a => a.store(1, 9, 1, immediate(7)), '7209010007000000'],
  ['lock *(u64 *)(r1 + 8) += r2', a => a.atomic('add', 8, 1, 8, 2), 'db21080000000000'],
  ['call 7', a => a.call(7), '8500000007000000'],
  ['exit', a => a.exit(), '9500000000000000'],
  [
    'r1 = 0x123456789abcdef0 ll',
    a => a.loadNumber(1, 0x1234_5678_9abc_def0n),
    '18010000f0debc9a0000000078563412',
  ],
  ['r1 = map 5', a => a.loadMap(1, 5), '18110000050000000000000000000000'],
  ['r4 = value of map 5, byte 16', a => a.loadMapValue(4, 5, 16), '18240000050000000000000010000000'],
]

for (const [text, assemble, expected] of CASES) {
  test(`assembles ${text}`, () => {
    const actual = hex(assemble(new Assembler()))

    assert.equal(actual, expected)
  })
}

test('jumps count instructions from the one after them, forwards and backwards', () => {
  const program = new Assembler()
    .label('again')
    .jumpIf('greater', 4, 3, 'out')
    .jumpIf('equal', 0, immediate(0), 'again')
    .jump('out')
    .exit()
    .label('out')
    .exit()

  assert.equal(
    hex(program),
    ['2d34030000000000', '1500feff00000000', '0500010000000000', '9500000000000000', '9500000000000000'].join(
      '',
    ),
  )
})

test('a wide load counts as two instructions for jumps', () => {
  const program = new Assembler().jump('out').loadNumber(1, 1n).label('out').exit()

  assert.equal(hex(program).slice(0, 16), '0500020000000000')
})

test('a jump to a label that does not exist is a bug', () => {
  const program = new Assembler().jump('nowhere')

  assert.throws(() => program.bytes(), /label nowhere is defined/)
})

test('a label given twice is a bug', () => {
  const program = new Assembler().label('here')

  assert.throws(() => program.label('here'), /defined once/)
})

test('immediates and offsets that do not fit are bugs', () => {
  const program = new Assembler()

  assert.throws(() => program.mov(0, immediate(2 ** 32)), /fits 32 bits/)
  assert.throws(() => program.load(4, 0, 1, 40_000), /fits 16 bits/)
})

test('any 64-bit number survives a wide load', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.integer({ min: 0, max: 9 }),
      (value, register) => {
        const bytes = new Assembler().loadNumber(register as Register, value).bytes()
        const view = new DataView(bytes.buffer)
        const read = (BigInt(view.getUint32(12, true)) << 32n) | BigInt(view.getUint32(4, true))
        assert.equal(read, value)
      },
    ),
  )
})

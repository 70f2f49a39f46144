// Varied frames stay valid: whatever is drawn, the checksums are those of the bytes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrongChecksums } from './frame-check-for-tests.ts'
import { FramePool, interleave, varyFrame } from './frame-pool.ts'
import { Random } from './random.ts'
import { isScenarioName, SCENARIOS, scenarioTraffic } from './scenario.ts'
import { templatesOf } from './template.ts'

for (const name of Object.keys(SCENARIOS).filter(isScenarioName)) {
  test(`frames of ${name} have right checksums after each draw`, () => {
    const random = new Random(1)

    for (const template of templatesOf(scenarioTraffic(name))) {
      const view = new DataView(template.frame.slice().buffer)
      for (let draw = 0; draw < 50; draw++) {
        varyFrame(view, 0, template, random)
        assert.equal(wrongChecksums(view), 0, `${name}, draw ${draw}`)
      }
    }
  })
}

test('addresses and ports stay in their ranges', () => {
  const traffic = {
    rate: 1,
    seconds: 1,
    parts: [
      {
        share: 1,
        protocol: 'udp',
        bytes: 60,
        sources: '198.18.4.0/30',
        targets: '10.10.10.10',
        sourcePort: [100, 103],
        targetPort: 53,
      },
    ],
  } as const
  const pool = new FramePool(traffic, 3)
  const view = new DataView(pool.buffer)
  const seen = {
    sources: new Set<number>(),
    targets: new Set<number>(),
    ports: new Set<number>(),
    services: new Set<number>(),
  }

  pool.vary(0, 1000)
  for (let at = 0; at < 1000 * pool.slotBytes; at += pool.slotBytes) {
    seen.sources.add(view.getUint32(at + 26))
    seen.targets.add(view.getUint32(at + 30))
    seen.ports.add(view.getUint16(at + 34))
    seen.services.add(view.getUint16(at + 36))
  }

  assert.deepEqual([...seen.sources].toSorted(), [0xc6120400, 0xc6120401, 0xc6120402, 0xc6120403])
  assert.deepEqual([...seen.targets], [0x0a0a0a0a])
  assert.deepEqual([...seen.ports].toSorted(), [100, 101, 102, 103])
  assert.deepEqual([...seen.services], [53])
})

test('choices come in their shares and spread out', () => {
  assert.deepEqual(interleave([2, 1, 1], 8), [0, 1, 2, 0, 0, 1, 2, 0])
})

test('imix is three templates as seven, four and one', () => {
  const [template, ...others] = templatesOf(scenarioTraffic('udp-flood', { bytes: 'imix' }))

  assert.deepEqual(
    [template, ...others].map(({ frame, weight } = template!) => [frame.length, Math.round(weight * 12)]),
    [
      [60, 7],
      [590, 4],
      [1514, 1],
    ],
  )
})

// The burst program is assembled for every scenario; that the kernel takes it is for the integration test to show.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { burstFrameBytes, burstProgram } from './burst-program.ts'
import { isScenarioName, SCENARIOS, scenarioTraffic } from './scenario.ts'
import { templatesOf } from './template.ts'

const EXIT = '9500000000000000'

test('every scenario has a program that ends by passing or dropping the frame', () => {
  for (const name of Object.keys(SCENARIOS).filter(isScenarioName)) {
    const bytes = burstProgram(templatesOf(scenarioTraffic(name)), 3)
    const hex = Buffer.from(bytes).toString('hex')

    assert.ok(hex.endsWith(`b700000002000000${EXIT}b700000001000000${EXIT}`), name)
    assert.ok(bytes.length / 8 < 4096, `${name} has few enough instructions for any kernel`)
  }
})

test('the frame is as long as the longest template', () => {
  assert.equal(burstFrameBytes(templatesOf(scenarioTraffic('udp-flood', { bytes: 'imix' }))), 1514)
})

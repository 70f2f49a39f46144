import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standardError } from './sampling-error.ts'

test('a count of k samples at 1:N has an error of N times the root of k', () => {
  const [samples, rate] = [400, 1000]

  assert.equal(standardError(samples * rate, 'packets', rate), rate * 20)
})

test('the error grows with the rate of sampling, and by its share falls with what was counted', () => {
  const passed = 1_000_000

  assert.ok(standardError(passed, 'packets', 1000) > standardError(passed, 'packets', 100))
  assert.ok(
    standardError(passed, 'packets', 100) / passed >
      standardError(passed * 100, 'packets', 100) / (passed * 100),
  )
})

test('bytes are less sure than packets, and what is counted in full has no error', () => {
  const packetsShare = standardError(1000, 'packets', 10) / 1000
  const bytesShare = standardError(1000 * 500, 'bits', 10) / (1000 * 500)

  assert.ok(bytesShare > packetsShare)
  assert.equal(standardError(1000, 'packets', 1), 0)
  assert.equal(standardError(1000, 'flows', 10), 0)
})

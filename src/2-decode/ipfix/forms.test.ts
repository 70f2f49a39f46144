// Times and sampling rates in each of the forms that IPFIX has for them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Collector,
  EXPORT_SECONDS,
  fieldsOf,
  ipfix,
  number,
  optionsTemplate,
  set,
  template,
} from '#2-decode/flow-exports-for-tests.ts'

const NOW = EXPORT_SECONDS * 1000
const PLAIN = '8:4 12:4 1:4 2:4'
const PLAIN_RECORD = [198, 18, 0, 7, 10, 99, 1, 250, ...number(5000, 4), ...number(10, 4)]

/** Decodes one record that has these fields behind the plain ones. */
function decodeOne(fields: string, content: readonly number[], collector = new Collector()) {
  const definition = template(300, fieldsOf(`${PLAIN} ${fields}`.trim()))
  return collector.decode(ipfix([set(2, [definition]), set(300, [[...PLAIN_RECORD, ...content]])]))[0]
}

/** Half a second past `ms`, a whole second, as NTP writes it. */
const ntp = (ms: number) => [...number(ms / 1000 + 2_208_988_800, 4), ...number(2 ** 31, 4)]
const seconds = (...values: number[]) => values.flatMap(value => number(value, 4))
const long = (...values: number[]) => values.flatMap(value => number(value, 8))

const TIMES: readonly (readonly [string, readonly number[], endMs: number, durationMs: number])[] = [
  ['150:4 151:4', seconds(EXPORT_SECONDS - 60, EXPORT_SECONDS), NOW, 60_000],
  ['152:8 153:8', long(NOW - 1500, NOW - 500), NOW - 500, 1000],
  ['154:8 155:8', [...ntp(NOW - 2000), ...ntp(NOW)], NOW + 500, 2000],
  ['156:8 157:8', [...ntp(NOW - 2000), ...ntp(NOW)], NOW + 500, 2000],
  ['158:4 159:4', seconds(3_000_000, 1_000_000), NOW - 1000, 2000],
  ['161:4', seconds(7000), NOW, 7000],
  ['162:4 150:4', seconds(7_000_000, EXPORT_SECONDS - 10), NOW - 3000, 7000],
  ['160:8 22:4 21:4', [...long(NOW - 9000), ...seconds(1000, 4000)], NOW - 5000, 3000],
  ['22:4 21:4', seconds(1000, 4000), NOW, 3000],
  ['153:8', long(NOW - 5), NOW - 5, 0],
  ['', [], NOW, 0],
]

test('times in each of their forms', () => {
  for (const [fields, content, endMs, durationMs] of TIMES) {
    const record = decodeOne(fields, content)

    assert.deepEqual([record?.['endMs'], record?.['durationMs']], [endMs, durationMs], fields)
  }
})

const RATES: readonly (readonly [string, readonly number[], rate: number])[] = [
  ['34:4', number(2000, 4), 2000],
  ['34:2', number(2000, 2), 2000],
  ['50:4', number(100, 4), 100],
  ['50:2', number(100, 2), 100],
  ['305:4', number(4000, 4), 4000],
  ['304:2 305:4 306:4', [0, 1, ...seconds(1, 999)], 1000],
  ['305:4 306:4', seconds(2, 1), 1.5],
  ['304:2 309:4 310:4', [0, 3, ...seconds(2, 1000)], 500],
  ['310:4', number(128, 4), 128],
  ['304:2 311:8', [0, 4, 0x3f, 0xa0, 0, 0, 0, 0, 0, 0], 32],
  ['304:2 307:4 308:4', [0, 2, ...seconds(10, 90)], 10],
  ['318:8 319:8', long(1_000_000, 1000), 1000],
  // No rate, one beyond belief, and a probability that is no number.
  ['34:4', number(0, 4), 1],
  ['34:4', number(2 ** 31, 4), 1],
  ['304:2 311:8', [0, 4, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], 1],
]

test('each way to tell a sampling rate, in options and in the records themselves', () => {
  for (const [fields, content, rate] of RATES) {
    const collector = new Collector()
    const options = optionsTemplate(400, [[144, 4]], fieldsOf(fields))
    collector.decode(ipfix([set(3, [options], 2), set(400, [[...number(1, 4), ...content]])]))

    assert.equal(decodeOne('', [], collector)?.['rate'], rate, `options ${fields}`)
    assert.equal(decodeOne(fields, content)?.['rate'], rate, `data ${fields}`)
  }
})

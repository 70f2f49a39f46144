import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Column, inSight, orderOf, orderText, shownRows } from './table-view.ts'

interface Host {
  readonly name: string
  readonly rate: number
}
const COLUMNS: readonly Column<Host>[] = [
  { key: 'name', title: 'Host', text: ({ name }) => name },
  {
    key: 'rate',
    title: 'Rate',
    text: ({ rate }) => `${rate} bit/s`,
    order: ({ rate }) => rate,
    isNumber: true,
  },
]
const HOSTS: readonly Host[] = [
  { name: 'web', rate: 10 },
  { name: 'mail', rate: 9 },
  { name: 'Web-2', rate: 100 },
]

test('rows are found by all words and sorted by value, not by text', () => {
  const names = (find: string, order?: string) =>
    shownRows(HOSTS, COLUMNS, find, order === undefined ? undefined : orderOf(order)).map(({ name }) => name)

  assert.deepEqual(names('', '-rate'), ['Web-2', 'web', 'mail'])
  assert.deepEqual(names('WEB bit', 'rate'), ['web', 'Web-2'])
  assert.deepEqual(names('', 'nothing'), ['web', 'mail', 'Web-2'])
  assert.equal(orderText(orderOf('-rate')), '-rate')
})

test('of many rows only those in sight are drawn, also at the ends and beyond', () => {
  assert.deepEqual(inSight(0, 360, 36, 10_000), { first: 0, last: 26 })
  assert.deepEqual(inSight(180_000, 360, 36, 10_000), { first: 4992, last: 5018 })
  assert.deepEqual(inSight(9_999_999, 360, 36, 10_000), { first: 9992, last: 10_000 })
  assert.deepEqual(inSight(500, 360, 36, 0), { first: 0, last: 0 })
})

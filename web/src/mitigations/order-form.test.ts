import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { EMPTY_ORDER, readOrder } from './order-form.ts'

const WHOLE = { ...EMPTY_ORDER, target: ' 192.0.2.1 ', ports: '53, 123', rate: '5M' }

test('a whole form is an order that the contract takes', () => {
  const read = readOrder(WHOLE)

  assert.ok(read.kind === 'order')
  assert.deepEqual(read.order, {
    ...{ target: '192.0.2.1', protocol: 17, ports: [53, 123], action: 'rate-limit' },
    ...{ bitsPerSecond: 5e6, ttlSeconds: 600 },
  })
  assert.ok(ROUTES.previewOrder.input.safeParse(read.order).success)
  assert.ok(ROUTES.order.input.safeParse({ ...read.order, reason: 'x' }).success)
})

test('a discard has no rate, and all protocols have no ports', () => {
  const discard = readOrder({ ...WHOLE, action: 'discard', protocol: '', ports: '' })
  const ports = readOrder({ ...WHOLE, protocol: '' })

  assert.deepEqual(discard.kind === 'order' && discard.order, {
    ...{ target: '192.0.2.1', action: 'discard', ttlSeconds: 600 },
  })
  assert.deepEqual(ports.kind === 'unfinished' && Object.keys(ports.fields), ['ports'])
})

test('what is wrong is told at its field, and what is empty is only missing', () => {
  const wrong = readOrder({ ...WHOLE, ports: 'x', ttl: 'soon', rate: 'much' })
  const empty = readOrder({ ...EMPTY_ORDER, ttl: '' })

  assert.deepEqual(wrong.kind === 'unfinished' && Object.keys(wrong.fields).sort(), ['ports', 'rate', 'ttl'])
  assert.deepEqual(empty, { kind: 'unfinished', fields: {} })
})

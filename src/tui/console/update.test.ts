import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_ATTACK } from '#api/contract/examples.ts'
import { keysOf } from '../input.ts'
import { dialogText } from './dialog.ts'
import { FACTS, STATE } from './facts-for-tests.ts'
import { rowsOf } from './rows.ts'
import type { ConsoleState, Facts } from './state.ts'
import { chosenAt, LIMIT_MAX, update, type Wish } from './update.ts'

/** The state after keys as a terminal sends them, and the wishes on the way. */
function press(input: string, before: ConsoleState = STATE, facts: Facts = FACTS) {
  const wishes: Wish[] = []
  let state = before
  for (const key of keysOf(input)) {
    const updated = update(state, facts, key)
    state = updated.state
    if (updated.wish !== undefined) wishes.push(updated.wish)
  }
  return { state, wishes, kinds: wishes.map(({ kind }) => kind) }
}

const UP = '\u001b[A'
const DOWN = '\u001b[B'

test('panes by number and tab, orders by s, p, b, f, hosts by plus and minus', () => {
  assert.deepEqual(press('3').state.pane, 'mitigations')
  assert.deepEqual(press('\t\t').state.pane, 'mitigations')
  assert.deepEqual(press('\u001b[Z').state.pane, 'exporters')
  assert.deepEqual(press('b').state.sort, 'bytes')
  assert.deepEqual(press('fs').state.sort, 'packets')
  assert.deepEqual(press('2s').state.orders.attacks, 1)
  assert.deepEqual(press('+=+-').state.limit, STATE.limit + 2)
  assert.equal(press('-'.repeat(30)).state.limit, 1)
  for (const limit of [LIMIT_MAX, 500]) assert.equal(press('+', { ...STATE, limit }).state.limit, limit)
  assert.deepEqual(press('2').kinds, ['look'])
})

test('q and Ctrl-C leave, Ctrl-C also from within a question, and letters there are text', () => {
  assert.deepEqual(press('q').kinds, ['quit'])
  assert.deepEqual(press('B\u0003').kinds, ['quit'])
  assert.deepEqual(press('/q').kinds, [])
  assert.equal(press('/q').state.filter, 'q')
})

test('a row is chosen by its key: it stays chosen when others come and go', () => {
  const { state } = press(DOWN)
  const host = rowsOf(state, FACTS)[chosenAt(state, rowsOf(state, FACTS))]?.host
  const fewer = {
    ...FACTS,
    traffic: { ...FACTS.traffic, incoming: { ...FACTS.traffic.incoming, hosts: [] } },
  }

  assert.equal(host, '10.99.1.5')
  assert.equal(rowsOf(state, fewer)[chosenAt(state, rowsOf(state, fewer))]?.host, '10.99.1.5')
  assert.equal(press(DOWN.repeat(9) + UP).state.chosen.traffic, '10.99.1.5 outgoing')
  assert.equal(press(`${DOWN}\u001b[H`).state.chosen.traffic, '10.99.1.1 incoming')
})

test('a ban asks for host, time and reason, is confirmed, and Escape ends it at every question', () => {
  const asked = press(`${DOWN}B`)
  assert.deepEqual(asked.state.over?.kind, 'dialog')

  const { wishes, state } = press('\r10m\rticket 4711 é\ry', asked.state)
  assert.deepEqual(wishes, [
    { kind: 'order', order: { kind: 'ban', host: '10.99.1.5', seconds: 600, reason: 'ticket 4711 é' } },
  ])
  assert.equal(state.over, undefined)
  for (const keys of ['\u001b', '\r\u001b', '\r\r\u001b', '\r\r\r\u001b', '\r\r\rn']) {
    const ended = press(keys, asked.state)
    assert.deepEqual(ended.wishes, [])
    assert.equal(ended.state.notice, 'Nothing was done.')
  }
})

test('answers that cannot be used are asked for again', () => {
  const text = (input: string) => {
    const { over } = press(input).state
    return over?.kind === 'dialog' ? dialogText(over.dialog) : ''
  }

  // A host that is banned already is not proposed.
  assert.equal(text('B'), 'Ban host: _')
  assert.match(text('Bfoo\r'), /^expected an address .* Ban host: foo_$/)
  assert.equal(text('Bfoo\r\u0015192.0.2.9\u007f7'), 'Ban host: 192.0.2.7_')
  assert.match(text('B192.0.2.7\rsoon\r'), /^expected a duration/)
  assert.equal(text('B2001:DB8:0::7\r0\r\r'), 'Ban 2001:db8::7 until somebody ends it? y yes, n no')
})

test('unban and withdraw are about the chosen row, and say so when there is none of the kind', () => {
  assert.deepEqual(press('U\ry').wishes, [{ kind: 'order', order: { kind: 'unban', target: '10.99.1.1' } }])
  assert.match(press(`${DOWN}U`).state.notice ?? '', /^No ban is chosen/)
  assert.match(press('W').state.notice ?? '', /^No live mitigation is chosen/)
  const { wishes } = press('3Wfalse alarm\ry')
  assert.deepEqual(wishes.at(-1), {
    kind: 'order',
    order: { kind: 'withdraw', id: 'mi7kq3l9-1.0', target: '10.99.1.1', reason: 'false alarm' },
  })
})

test('an attack on prefixes is ended by its identifier, and proposes no host', () => {
  const wide = { ...EXAMPLE_ATTACK, scope: 'prefix', host: '10.99.0.0/20' } as const
  const facts: Facts = { ...FACTS, attacks: { kind: 'told', value: [wide] } }
  const start = press('2').state

  assert.deepEqual(press('U\ry', start, facts).wishes, [
    { kind: 'order', order: { kind: 'unban', target: wide.id } },
  ])
  assert.equal(rowsOf(start, facts)[0]?.host, undefined)
})

test('details open and close, scroll, and act on what they show; a filter holds until Escape', () => {
  const open = press('2\r')
  assert.deepEqual(open.state.over, { kind: 'details', key: 'mi7kq3l9-1', scroll: 0 })
  assert.equal(press(`${DOWN}${DOWN}${UP}`, open.state).state.over?.kind, 'details')
  assert.equal(press('\u001b', open.state).state.over, undefined)
  assert.deepEqual(press('Uwhy\ry', open.state).kinds, ['order'])

  const filtered = press('/2001\r')
  assert.deepEqual(
    rowsOf(filtered.state, FACTS).map(({ host }) => host),
    ['2001:db8:99::1'],
  )
  assert.equal(rowsOf(press('\u001b', filtered.state).state, FACTS).length, 3)
})

test('sequences that mean nothing, and odd bytes, are left out', () => {
  assert.deepEqual(keysOf('x\u001b[15~\u001b[1;5B\u0001\u001bOPy'), ['x', 'y'])
  assert.deepEqual(keysOf('\u001b'), ['<escape>'])
  assert.equal(press('\u001b[15~zxy\r'.slice(0, 7)).state.pane, 'traffic')
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Client, Reply } from '#api/contract/client.ts'
import { EXAMPLE_TRAFFIC } from '#api/contract/examples.ts'
import type { Traffic, TrafficQuery } from '#api/contract/traffic.ts'
import { textOf } from './lines.ts'
import type { Terminal, TerminalHandlers } from './terminal.ts'
import { type TopOptions, top } from './top.ts'

const answerTo = ({ sort = 'packets', limit = 7 }: TrafficQuery): Traffic => ({
  ...EXAMPLE_TRAFFIC,
  sort,
  limit,
})

/** A client that answers with traffic in the order that was asked for, or fails. */
function clientOf(asked: unknown[], isGone: () => boolean): Client {
  const call = async (_route: unknown, input: unknown) => {
    asked.push(input)
    const reply: Reply<Traffic> = isGone()
      ? { kind: 'failed', failure: { kind: 'absent', path: '/x.sock', cause: new Error('gone') } }
      : { kind: 'ok', value: answerTo(input as TrafficQuery) }
    return reply
  }
  return { call: call as Client['call'] }
}

function setUp(changes: Partial<TopOptions> = {}) {
  const asked: unknown[] = []
  const said: string[] = []
  const state = { isGone: false }
  const options: TopOptions = {
    client: clientOf(asked, () => state.isGone),
    view: { sort: undefined, limit: undefined },
    terminal: undefined,
    json: false,
    out: text => void said.push(text),
    err: text => void said.push(`err: ${text}`),
    ...changes,
  }
  return { asked, said, state, options }
}

function fakeTerminal() {
  const frames: (readonly string[])[] = []
  const calls: string[] = []
  let handlers: TerminalHandlers | undefined
  const terminal: Terminal = {
    size: () => ({ columns: 80, rows: 24 }),
    enter: given => {
      calls.push('enter')
      handlers = given
    },
    draw: lines => void frames.push(lines.map(textOf)),
    leave: () => void calls.push('leave'),
  }
  return { frames, calls, terminal, handlers: () => handlers! }
}

test('without a terminal the screen is printed once', async () => {
  const { said, options } = setUp()

  assert.equal(await top(options), 0)
  assert.equal(said.length, 1)
  assert.match(said[0]!, /^Floodwarden 0\.1\.0 .*\nIPs ordered by: packets\nIncoming traffic/)
  assert.ok(said[0]!.endsWith('\n'))
})

test('as JSON the answer of the daemon is printed, also on a terminal', async () => {
  const { said, options } = setUp({ json: true, terminal: fakeTerminal().terminal })

  assert.equal(await top(options), 0)
  assert.equal(JSON.parse(said.join('')).packetsReceived, EXAMPLE_TRAFFIC.packetsReceived)
})

test('without a daemon it says so and leaves the terminal alone', async () => {
  const { calls, terminal } = fakeTerminal()
  const { said, state, options } = setUp({ terminal })
  state.isGone = true

  assert.equal(await top(options), 1)
  assert.match(said.join(''), /^err: floodwarden: no daemon answers on \/x\.sock\n/)
  assert.deepEqual(calls, [])
})

test('live, keys change the order at once, a lost daemon is waited for, q gives the terminal back', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { frames, calls, terminal, handlers } = fakeTerminal()
  const { asked, state, options } = setUp({ terminal })

  const ended = top(options)
  await turn()
  handlers().keys('b')
  await turn()
  const sorted = frames.at(-1)
  state.isGone = true
  t.mock.timers.tick(1000)
  await turn()
  const lost = frames.at(-1)
  state.isGone = false
  t.mock.timers.tick(1000)
  await turn()
  const back = frames.at(-1)
  handlers().keys('q')

  assert.equal(await ended, 0)
  assert.deepEqual(asked[1], { sort: 'bytes', limit: 7 })
  assert.match(sorted?.[1] ?? '', /^\[1 traffic\].* by bytes$/)
  assert.match(lost?.[0] ?? '', /^OLD NUMBERS since/)
  assert.match(lost?.at(-1) ?? '', /^old numbers since \d\d:\d\d:\d\d: no daemon answers on \/x\.sock$/)
  assert.match(back?.at(-1) ?? '', /^\? help/)
  assert.match(back?.[0] ?? '', /^Floodwarden/)
  assert.deepEqual(calls, ['enter', 'leave'])
})

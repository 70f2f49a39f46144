import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loggerOn } from './open-log.ts'

const AT = new Date(2026, 10, 20, 10, 11, 49, 533).getTime()

function collect(format: 'text' | 'json', level: 'debug' | 'info' = 'info', stacks?: boolean) {
  const lines: string[] = []
  const output = { write: (line: string) => void lines.push(line) }
  return { lines, log: loggerOn(output, { level, format, stacks }, () => AT) }
}

test('text lines carry local time, level, message and facts', () => {
  const { lines, log } = collect('text')

  log.info('attack opened', {
    host: '10.99.1.1',
    packetsPerSecond: 60123,
    why: 'over the limit',
    armed: false,
  })

  assert.deepEqual(lines, [
    '2026-11-20 10:11:49.533 info  attack opened host=10.99.1.1 packetsPerSecond=60123 why="over the limit" armed=false\n',
  ])
})

test('JSON lines carry time in UTC, level, message and facts', () => {
  const { lines, log } = collect('json')

  log.warn('interface is down', { interface: 'eth0', message: 'mine', level: 3 })

  assert.equal(lines.length, 1)
  assert.deepEqual(JSON.parse(lines[0]!), {
    level: 'warn',
    time: new Date(AT).toISOString(),
    interface: 'eth0',
    message_: 'mine',
    level_: 3,
    message: 'interface is down',
  })
})

test('lines below the level are not written', () => {
  const { lines, log } = collect('text')

  log.debug('nobody reads this')

  assert.deepEqual(lines, [])
})

test('secrets are written nowhere, at any depth, in no form', () => {
  for (const format of ['text', 'json'] as const) {
    const { lines, log } = collect(format)

    log.error('cannot write', {
      password: 'hunter2',
      influxdbPassword: 'hunter2',
      output: { name: 'influx', auth: { apiKey: 'hunter2', list: [{ token: 'hunter2' }] } },
      url: 'http://me:hunter2@db/write?db=a&p=hunter2&u=me',
      error: new Error('tried http://me:hunter2@db'),
    })

    assert.ok(!lines.join('').includes('hunter2'), lines.join(''))
    assert.match(lines[0]!, /redacted/)
  }
})

test('an error is told with its causes, and with stacks only when wanted', () => {
  const error = new Error('cannot open log', { cause: new Error('permission denied') })
  const brief = collect('text')
  const full = collect('text', 'debug')

  brief.log.error('start failed', { error })
  full.log.error('start failed', { error })

  assert.match(brief.lines[0]!, /start failed error="cannot open log: permission denied"\n$/)
  assert.match(full.lines[0]!, /start failed\n {4}error:\n {6}Error: cannot open log\n {6} +at /)
  assert.match(full.lines[0]!, /caused by: Error: permission denied/)
})

test('control characters of strangers do not reach a terminal', () => {
  const { lines, log } = collect('text')

  log.info('script wrote', { stderr: 'a\u001b[2Jb\u009bc', error: new Error('x\n\u001b[31my') })

  for (const control of ['\u001b', '\u009b']) assert.ok(!lines.join('').includes(control))
})

test('long, deep, circular and odd values are cut or named, never thrown', () => {
  const { lines, log } = collect('json')
  const circle: Record<string, unknown> = {}
  circle['self'] = circle

  log.info('odd', {
    circle,
    bytes: new Uint8Array(9),
    big: 12n,
    not: Number.NaN,
    nothing: undefined,
    many: Array.from({ length: 100 }, (_, index) => index),
    text: 'x'.repeat(10_000),
  })

  const line = JSON.parse(lines[0]!)
  assert.equal(line.bytes, '9 bytes')
  assert.equal(line.big, '12')
  assert.equal(line.not, 'NaN')
  assert.equal('nothing' in line, false)
  assert.equal(line.many.at(-1), 'and 36 more')
  assert.ok(line.text.length < 4200)
})

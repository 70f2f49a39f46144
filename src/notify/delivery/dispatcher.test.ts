import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DocumentShelf } from '#lib/documents.ts'
import { SILENT } from '#lib/log/logger.ts'
import { until as untilSo } from '../../../test/until.ts'
import { exampleNotice } from '../notice/notice-group.ts'
import { noticeAttack } from '../notice/notices-for-tests.ts'
import type { Carried, Destination, Message } from './carrier.ts'
import { queueSchema } from './config.ts'
import { Dispatcher } from './dispatcher.ts'

const said = (word: string, kind: 'opened' | 'updated' | 'ended' = 'opened'): Message => ({
  form: 'notice',
  notice: { ...exampleNotice(noticeAttack(word), kind, Date.now()), why: word },
})
const wordOf = (message: Message): string => (message.form === 'notice' ? message.notice.why : '')

type Answer = (word: string, thread: string | undefined) => Carried | Promise<Carried>
const TAKEN: Carried = { kind: 'taken' }
const DOWN: Carried = { kind: 'later', error: 'ECONNREFUSED' }

let runs = 0

/** As the state brings it back: what JSON can say. */
function throughDisk(documents: DocumentShelf): DocumentShelf {
  const read = new DocumentShelf()
  for (const { kind, id, value } of JSON.parse(JSON.stringify([...documents.every()])))
    read.recall(kind, id, value)
  return read
}

function dispatcherWith(
  answers: Readonly<Record<string, Answer>>,
  more: { documents?: DocumentShelf; queue?: object } = {},
) {
  const { documents = new DocumentShelf(), queue = {} } = more
  const asked: string[] = []
  const carriers = { ...answers }
  const destination = (id: string): Destination => ({
    ...{ id, name: id, type: 'test' },
    carry: async (message, thread) => {
      asked.push([id, wordOf(message), thread].filter(part => part !== undefined).join(' '))
      return (await carriers[id]?.(wordOf(message), thread)) ?? TAKEN
    },
  })
  const config = queueSchema.parse(queue)
  const dispatcher = new Dispatcher({
    ...{ documents: () => documents, config: () => config, log: SILENT, now: Date.now, run: `run${++runs}` },
    tryAgainMs: 1,
  })
  const use = (...ids: string[]) => dispatcher.reconfigure('configuration', ids.map(destination))
  use(...Object.keys(answers))
  const counted = (name: string, ...labels: string[]) =>
    [...dispatcher.metrics()]
      .filter(
        each =>
          each.name.endsWith(name) && labels.every(label => Object.values(each.labels ?? {}).includes(label)),
      )
      .map(({ value }) => value)
  const kept = () => documents.all('notice-waiting').size
  const until = (isSo: () => boolean) => untilSo(isSo, asked.join(', '))
  return { dispatcher, asked, use, carriers, counted, kept, until, documents }
}

test('a failure is tried again in order, a refusal becomes a dead letter', async () => {
  let tries = 0
  const { dispatcher, asked, counted, kept, until } = dispatcherWith({
    down: () => (++tries < 3 ? DOWN : TAKEN),
    gone: () => ({ kind: 'refused', error: 'HTTP 404' }),
  })

  for (const word of ['1', '2']) dispatcher.send(['down', 'gone'], said(word))
  await until(() => kept() === 0)

  assert.deepEqual(
    asked.filter(line => line.startsWith('down')),
    ['down 1', 'down 1', 'down 1', 'down 2'],
  )
  assert.deepEqual(
    asked.filter(line => line.startsWith('gone')),
    ['gone 1', 'gone 2'],
  )
  assert.deepEqual([counted('sent_total'), counted('tried_again_total')], [[2], [2]])
  assert.deepEqual(
    dispatcher
      .deadLetters()
      .map(({ destination, why, error, message }) => [destination, why, error, wordOf(message)]),
    [
      ['gone', 'refused', 'HTTP 404', '2'],
      ['gone', 'refused', 'HTTP 404', '1'],
    ],
  )
  assert.deepEqual(
    dispatcher.status().map(({ id, state, sent, lost, lastError }) => [id, state, sent, lost, lastError]),
    [
      ['down', 'ok', 2, 0, undefined],
      ['gone', 'failing', 0, 2, 'HTTP 404'],
    ],
  )
})

test('one that hangs keeps nobody waiting; of too many the oldest become dead letters', async () => {
  const { dispatcher, asked, counted, until } = dispatcherWith(
    { slow: () => new Promise(() => {}), fast: () => TAKEN },
    { queue: { waitingMax: 2 } },
  )

  for (const word of ['1', '2', '3', '4', '5']) {
    dispatcher.send(['slow', 'fast'], said(word))
    await new Promise(setImmediate)
  }
  await until(() => asked.includes('fast 5'))
  dispatcher.stop()

  assert.deepEqual(
    asked.filter(line => line.startsWith('slow')),
    ['slow 1'],
  )
  assert.deepEqual(
    dispatcher.deadLetters().map(({ why, message }) => `${why} ${wordOf(message)}`),
    ['dropped 4', 'dropped 3', 'dropped 2'],
  )
  assert.deepEqual(counted('lost_total', 'dropped'), [3])
})

test('what waits outlives the process, in order, and is sent by the next one', async () => {
  const before = dispatcherWith({ a: () => DOWN, b: () => DOWN })
  for (const word of ['1', '2', '3']) before.dispatcher.send(['a'], said(word))
  before.dispatcher.send(['b'], said('of b'))
  await before.until(() => before.asked.length > 2)
  before.dispatcher.stop()

  const after = dispatcherWith({ a: () => TAKEN }, { documents: throughDisk(before.documents) })
  after.dispatcher.restore()
  after.dispatcher.restore()
  after.dispatcher.send(['a'], said('4'))
  await after.until(() => after.kept() === 0)

  assert.deepEqual(after.asked, ['a 1', 'a 2', 'a 3', 'a 4'])
  assert.deepEqual(
    after.dispatcher.deadLetters().map(({ destination, why }) => `${destination} ${why}`),
    ['b gone'],
  )
})

test('a reload loses nothing: what waits is tried by new settings at once, and kept when its destination is gone', async () => {
  const { dispatcher, asked, use, carriers, until, kept } = dispatcherWith({
    stays: () => ({ ...DOWN, waitSeconds: 100 }),
    goes: () => ({ ...DOWN, waitSeconds: 100 }),
  })
  for (const word of ['1', '2']) dispatcher.send(['stays', 'goes'], said(word))
  await until(() => asked.length === 2)

  carriers['stays'] = () => TAKEN
  use('stays')
  await until(() => kept() === 0)

  assert.deepEqual(asked, ['stays 1', 'goes 1', 'stays 1', 'stays 2'])
  assert.deepEqual(
    dispatcher.deadLetters().map(({ why }) => why),
    ['gone', 'gone'],
  )
  const ids = new Set(dispatcher.deadLetters().map(({ id }) => id))
  assert.deepEqual([dispatcher.resend(ids).sent.length, dispatcher.resend(ids).homeless.length], [0, 2])
  use('stays', 'goes')
  carriers['goes'] = () => TAKEN
  assert.equal(dispatcher.resend(ids).sent.length, 2)
  await until(() => asked.length === 6)
  assert.deepEqual(asked.slice(4), ['goes 1', 'goes 2'])
  assert.equal(dispatcher.deadLetters().length, 0)
})

test('what old settings were told while new ones came means nothing', async () => {
  let refuse: (carried: Carried) => void = () => {}
  const { dispatcher, asked, use, carriers, until, kept } = dispatcherWith({
    a: () => new Promise(resolve => (refuse = resolve)),
  })
  dispatcher.send(['a'], said('1'))
  await until(() => asked.length === 1)

  carriers['a'] = () => TAKEN
  use('a')
  refuse({ kind: 'refused', error: 'HTTP 401' })
  await until(() => kept() === 0)

  assert.deepEqual(asked, ['a 1', 'a 1'])
  assert.equal(dispatcher.deadLetters().length, 0)
})

test('an update that waits is replaced by a newer one, and never the end', async () => {
  let isUp = false
  const { dispatcher, asked, until, kept } = dispatcherWith({ a: () => (isUp ? TAKEN : DOWN) })
  const group = (word: string, kind: 'opened' | 'updated' | 'ended'): Message => {
    const message = said(word, kind)
    return message.form === 'notice' ? { form: 'notice', notice: { ...message.notice, group: 'g' } } : message
  }
  dispatcher.send(['a'], said('first'))
  await until(() => asked.length > 0)
  dispatcher.send(['a'], group('begun', 'opened'))
  for (let at = 0; at < 50; at++) dispatcher.send(['a'], group(`update ${at}`, 'updated'))
  dispatcher.send(['a'], group('over', 'ended'))
  assert.equal(kept(), 3)

  isUp = true
  await until(() => kept() === 0)

  assert.deepEqual(
    asked.filter(line => line !== 'a first'),
    ['a update 49', 'a over'],
  )
})

test('a thread is remembered until its end, over a restart too', async () => {
  const threads: (string | undefined)[] = []
  const answer: Answer = (_, thread) => {
    threads.push(thread)
    return { kind: 'taken', thread: thread ?? 'ts1' }
  }
  const before = dispatcherWith({ a: answer })
  before.dispatcher.send(['a'], said('x'))
  await before.until(() => before.kept() === 0)
  const after = dispatcherWith({ a: answer }, { documents: before.documents })
  after.dispatcher.restore()
  for (const kind of ['updated', 'ended', 'opened'] as const) after.dispatcher.send(['a'], said('x', kind))
  await after.until(() => threads.length === 4)

  assert.deepEqual(threads, [undefined, 'ts1', 'ts1', undefined])
})

test('dead letters are bounded, and what is beyond is counted; they are discarded by hand', async () => {
  const { dispatcher, counted, until } = dispatcherWith(
    { gone: () => ({ kind: 'refused', error: 'HTTP 410' }) },
    { queue: { deadLettersMax: 3 } },
  )
  for (let at = 0; at < 5; at++) dispatcher.send(['gone'], said(String(at)))
  await until(() => counted('forgotten_total')[0] === 2)

  assert.deepEqual(
    dispatcher.deadLetters().map(({ message }) => wordOf(message)),
    ['4', '3', '2'],
  )
  const [newest] = dispatcher.deadLetters()
  assert.equal(dispatcher.discard(new Set([newest?.id ?? ''])).length, 1)
  assert.deepEqual(counted('dead_letters'), [2])
})

test('what was tried for too long is given up', async () => {
  const { dispatcher, until } = dispatcherWith({ down: () => DOWN }, { queue: { giveUpHours: 0.1 } })
  const documents = new DocumentShelf()
  const old = { destination: 'down', at: Date.now() - 3_600_000, tries: 4, message: said('old') }
  await documents.put('notice-waiting', '000000001-000001-r', old)
  await documents.put('notice-waiting', '000000001-000002-r', { destination: 'down', at: 'broken' })
  const after = dispatcherWith({ down: () => DOWN }, { documents, queue: { giveUpHours: 0.1 } })
  after.dispatcher.restore()
  await after.until(() => after.dispatcher.deadLetters().length === 1)
  dispatcher.stop()
  await until(() => true)

  assert.equal(after.dispatcher.deadLetters()[0]?.why, 'given-up')
  assert.deepEqual([after.kept(), after.counted('forgotten_total')], [0, [1]])
})

test('a carrier with a mistake of ours costs its message and nothing else', async () => {
  const { dispatcher, asked, until } = dispatcherWith({
    broken: word => {
      if (word === '1') throw new TypeError('https://secret.example/')
      return TAKEN
    },
  })
  for (const word of ['1', '2']) dispatcher.send(['broken'], said(word))
  await until(() => asked.length === 2)

  assert.equal(dispatcher.deadLetters()[0]?.error, 'it could not be made: TypeError')
})

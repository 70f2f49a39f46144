// The pipe with real readers: none, one that comes late, one that goes, one that does not read.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { until } from '../../../test/until.ts'
import { routeMitigation } from '../bgp/mitigation-for-tests.ts'
import { Exabgp, type ExabgpOptions } from './driver.ts'

function pipeFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-exabgp-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const pipe = join(folder, 'cmd')
  execFileSync('mkfifo', [pipe])
  return pipe
}

function enforcerFor(t: TestContext, pipe: string, options: Partial<ExabgpOptions> = {}): Exabgp {
  const enforcer = new Exabgp(
    { pipe, deadlineSeconds: 30, refreshSeconds: 0, lookMs: 20, ...options },
    SILENT,
  )
  t.after(() => enforcer.stop(10))
  return enforcer
}

/** Opens the pipe for reading as a process of ExaBGP does; it goes with the test unless it goes before. */
function reader(t: TestContext, pipe: string) {
  const fd = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  let isOpen = true
  const leave = () => {
    if (isOpen) closeSync(fd)
    isOpen = false
  }
  t.after(leave)
  const lines = (): string[] => {
    const bytes = Buffer.alloc(1 << 17)
    try {
      const text = bytes.toString('latin1', 0, readSync(fd, bytes))
      return text.split('\n').slice(0, -1)
    } catch {
      return []
    }
  }
  /** What is read until there are so many lines. */
  const someLines = async (count: number): Promise<string[]> => {
    const read: string[] = []
    await until(() => read.push(...lines()) >= count, `${count} lines`)
    return read
  }
  return { lines, someLines, leave }
}

const metric = (enforcer: Exabgp, name: string) =>
  [...enforcer.metrics()].find(each => each.name === name)?.value

const HOST = routeMitigation('a.1', '192.0.2.1/32', 'exabgp')
const NETWORK = routeMitigation('a.0', '192.0.2.0/24', 'exabgp')
const ANNOUNCE = 'announce route 192.0.2.1/32 next-hop 192.0.2.66 community 65001:666'
const WITHDRAW = 'withdraw route 192.0.2.1/32 next-hop 192.0.2.66'

test('a ban and an unban are whole lines in the order in which they were asked', async t => {
  const pipe = pipeFor(t)
  const { lines } = reader(t, pipe)
  const enforcer = enforcerFor(t, pipe)

  await Promise.all([enforcer.announce(NETWORK), enforcer.announce(HOST)])
  await enforcer.withdraw(HOST)

  assert.deepEqual(lines(), [ANNOUNCE.replace('.1/32', '.0/24'), ANNOUNCE, WITHDRAW])
})

test('without a reader the ban fails after its deadline, blocks nothing, and is made when one comes', async t => {
  const pipe = pipeFor(t)
  const enforcer = enforcerFor(t, pipe, { deadlineSeconds: 0.1 })
  const news: string[] = []
  enforcer.listen((id, { kind }) => news.push(`${id} ${kind}`))

  const outcome = await enforcer.announce(HOST)
  assert.equal(outcome.kind, 'failed')
  assert.match(outcome.kind === 'failed' ? outcome.error : '', /nobody reads the pipe; it is tried on$/)

  const { lines } = reader(t, pipe)
  await until(() => news.length > 0)
  assert.deepEqual(news, ['a.1 done'])
  assert.deepEqual(lines(), [ANNOUNCE])
})

test('a reader that goes and one that opens a new pipe are told everything again', async t => {
  const pipe = pipeFor(t)
  const first = reader(t, pipe)
  const enforcer = enforcerFor(t, pipe)
  await enforcer.announce(HOST)
  assert.deepEqual(first.lines(), [ANNOUNCE])

  first.leave()
  await until(() => metric(enforcer, 'floodwarden_bgp_up') === 0)
  const second = reader(t, pipe)
  assert.deepEqual(await second.someLines(1), [ANNOUNCE])

  execFileSync('mkfifo', [`${pipe}.new`])
  const third = reader(t, `${pipe}.new`)
  renameSync(`${pipe}.new`, pipe)
  assert.deepEqual(await third.someLines(1), [ANNOUNCE])
})

test('all that is desired is written again at each refresh', async t => {
  const pipe = pipeFor(t)
  const { someLines } = reader(t, pipe)
  const enforcer = enforcerFor(t, pipe, { refreshSeconds: 0.03 })
  await enforcer.announce(HOST)

  const said = await someLines(3)
  assert.deepEqual(new Set(said), new Set([ANNOUNCE]))
})

test('a reader that does not read fills the pipe with whole lines, and gets the rest when it reads', async t => {
  const pipe = pipeFor(t)
  const { someLines } = reader(t, pipe)
  const enforcer = enforcerFor(t, pipe, { deadlineSeconds: 0.1 })
  const many = Array.from({ length: 2000 }, (_, at) =>
    routeMitigation(`m${at}`, `198.51.${at >> 8}.${at & 255}/32`, 'exabgp'),
  )

  const outcomes = await Promise.all(many.map(mitigation => enforcer.announce(mitigation)))
  const full = outcomes.filter(({ kind }) => kind === 'failed').length
  assert.ok(full > 0, 'the pipe is full')

  const read = await someLines(2000)
  assert.equal(read.length, 2000)
  assert.ok(
    read.every(line => /^announce route [0-9.]+\/32 next-hop 192\.0\.2\.66 community 65001:666$/.test(line)),
  )
})

test('a path that is no pipe, or is not there, is refused in words and never written', async t => {
  const pipe = pipeFor(t)
  const file = `${pipe}.txt`
  writeFileSync(file, 'kept')

  const [noPipe, nothing] = await Promise.all(
    [file, `${pipe}.none`].map(path => enforcerFor(t, path, { deadlineSeconds: 0.1 }).announce(HOST)),
  )
  assert.ok(noPipe && nothing)

  assert.match(noPipe.kind === 'failed' ? noPipe.error : '', /is no named pipe/)
  assert.match(nothing.kind === 'failed' ? nothing.error : '', /there is no such pipe/)
  assert.equal(execFileSync('cat', [file], { encoding: 'utf8' }), 'kept')
})

test('what an earlier run announced is written again', async t => {
  const pipe = pipeFor(t)
  const { lines } = reader(t, pipe)
  const enforcer = enforcerFor(t, pipe)

  assert.deepEqual(await enforcer.reconcile([HOST]), { kind: 'done' })
  assert.deepEqual(lines(), [ANNOUNCE])
})

import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { until } from '../../../test/until.ts'
import { type ProgramEnd, ProgramRunner, type Running } from './client.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-client-'))
after(() => rmSync(folder, { recursive: true }))

let scripts = 0
function script(lines: string, mode = 0o755): string {
  const path = join(folder, `script-${scripts++}`)
  writeFileSync(path, lines)
  chmodSync(path, mode)
  return path
}

interface Wanted {
  readonly argv?: readonly string[]
  readonly stdin?: string
  readonly timeoutMs?: number
  readonly killGraceMs?: number
}

function start(path: string, wanted: Wanted = {}): Running {
  const { argv = [], stdin, timeoutMs = 10_000, killGraceMs = 10_000 } = wanted
  const env = { PATH: process.env['PATH'] ?? '', FOLDER: folder }
  return new ProgramRunner().start({ path, argv, env, stdin, keepsStdout: true }, { timeoutMs, killGraceMs })
}

const run = (path: string, wanted: Wanted = {}): Promise<ProgramEnd> => start(path, wanted).ended

/** A pid that a script left in a file: whether its process still runs. */
function isAlive(file: string): boolean {
  const stat = `/proc/${readFileSync(join(folder, file), 'utf8').trim()}/stat`
  return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'utf8'))
}

const wasWritten = (file: string): boolean =>
  existsSync(join(folder, file)) && readFileSync(join(folder, file), 'utf8').endsWith('\n')

test('a program gets its arguments as they are and its report on a real pipe', async () => {
  const path = script(
    '#!/bin/sh\necho "$# $1|$2"\ntest -p /dev/stdin && cat /dev/stdin\necho words > /dev/stderr\n',
  )

  const end = await run(path, { argv: ['a b', '$(id); *'], stdin: 'IP: 192.0.2.1\n' })

  assert.equal(end.kind, 'exited')
  assert.equal(end.status, 0)
  assert.equal(end.stdout, '2 a b|$(id); *\nIP: 192.0.2.1\n')
  assert.equal(end.stderr, 'words\n')
  assert.equal(end.unreadBytes, 0)
})

test('a script without a first line that names its shell is run by /bin/sh, as a shell would', async () => {
  const end = await run(script('echo "$0 $# $1"\ncat\nexit 3\n'), { argv: ['a b'], stdin: 'report\n' })

  assert.ok(end.kind === 'exited')
  assert.equal(end.status, 3)
  assert.match(end.stdout ?? '', /^\S+ 1 a b\nreport\n$/)
})

test('without a report stdin is at its end', async () => {
  const end = await run(script('#!/bin/sh\ncat; cat /dev/stdin; echo done\n'))

  assert.equal(end.kind === 'exited' && end.stdout, 'done\n')
})

test('status and signal are told', async () => {
  const [failing, killed] = await Promise.all([
    run(script('#!/bin/sh\nexit 7\n')),
    run(script('#!/bin/sh\nkill -KILL $$\n')),
  ])

  assert.equal(failing.kind === 'exited' && failing.status, 7)
  assert.equal(killed.kind === 'killed' && killed.signal, 'SIGKILL')
})

test('a program that does not read a report of a megabyte ends all the same', async () => {
  const report = 'x'.repeat(1 << 20)

  const [ignoring, closing] = await Promise.all([
    run(script('#!/bin/sh\nexit 0\n'), { stdin: report }),
    run(script('#!/bin/sh\nexec 0<&-\nsleep 0.02\n'), { stdin: report }),
  ])

  assert.equal(ignoring.kind === 'exited' && ignoring.status, 0)
  assert.equal(ignoring.kind === 'exited' && ignoring.unreadBytes, 1 << 20)
  assert.equal(closing.kind === 'exited' && closing.status, 0)
})

test('a report of a megabyte arrives whole', async () => {
  const end = await run(script('#!/bin/sh\nsleep 0.02\nwc -c\n'), { stdin: 'x'.repeat(1 << 20) })

  assert.equal(end.kind === 'exited' && end.stdout.trim(), String(1 << 20))
  assert.equal(end.kind === 'exited' && end.unreadBytes, 0)
})

test('how much of a report was left unread is told', async () => {
  const end = await run(script('#!/bin/sh\ndd bs=4 count=1 status=none > /dev/null\n'), {
    stdin: 'IP: 192.0.2.1\n',
  })

  assert.equal(end.kind === 'exited' && end.unreadBytes, 10)
})

test('a flood of words is cut and does not stop the program', async () => {
  const end = await run(script('#!/bin/sh\nyes words | head -c 3000000 >&2\nexit 3\n'))

  assert.equal(end.kind === 'exited' && end.status, 3)
  assert.equal(end.kind === 'exited' && end.stderr.length, 4096 + '… (cut)'.length)
})

test('a missing program, one without permission and a folder are named in words', async () => {
  const missing = join(folder, 'missing')
  const locked = script('#!/bin/sh\n', 0o644)
  const orphan = script('#!/no/such/interpreter\n')

  const ends = await Promise.all(
    [missing, locked, folder, orphan].map(path => run(path, { stdin: 'report' })),
  )

  assert.deepEqual(ends.slice(0, 3), [
    { kind: 'not-started', error: `${missing} does not exist`, isTransient: false },
    {
      kind: 'not-started',
      error: `${locked} is not executable by this user (chmod +x ${locked})`,
      isTransient: false,
    },
    { kind: 'not-started', error: `${folder} is not a file`, isTransient: false },
  ])
  assert.deepEqual(ends[3], {
    kind: 'not-started',
    error: `${orphan} cannot be started: No such file or directory`,
    isTransient: false,
  })
})

test('a script without a first line for the kernel runs as a shell script', async () => {
  const end = await run(script('echo "$1"\n'), { argv: ['here'] })

  assert.equal(end.kind === 'exited' && end.stdout, 'here\n')
})

test('a program that takes too long is ended', async () => {
  const end = await run(script('#!/bin/sh\nsleep 1000\n'), { timeoutMs: 20 })

  assert.equal(end.kind, 'timed-out')
})

test('a program that is ended takes everything with it that it started', async () => {
  const running = start(script('#!/bin/sh\nsleep 1000 & echo $! > $FOLDER/child\nsleep 1000\n'))
  await until(() => wasWritten('child'))
  running.stop(10_000)

  assert.equal((await running.ended).kind, 'stopped')
  await until(() => !isAlive('child'))
  running.stop(0)
})

test('a program that will not end when asked to is killed', async () => {
  const path = script('#!/bin/sh\ntrap "" TERM\necho $$ > $FOLDER/stubborn\nwhile :; do sleep 0.01; done\n')
  const running = start(path)
  await until(() => wasWritten('stubborn'))
  running.stop(30)

  assert.equal((await running.ended).kind, 'stopped')
  await until(() => !isAlive('stubborn'))
})

test('a child that ignores the request to end is killed when its leader is gone', async () => {
  const path = script(
    '#!/bin/sh\n(trap "" TERM; echo > $FOLDER/deaf-too; exec sleep 1000) & echo $! > $FOLDER/deaf\nsleep 1000\n',
  )
  const running = start(path)
  await until(() => wasWritten('deaf') && wasWritten('deaf-too'))
  running.stop(10_000)
  await running.ended

  await until(() => !isAlive('deaf'))
})

test('the end does not wait for a background job that holds the pipes, and the job goes on', async () => {
  const waits = 'for turn in $(seq 600); do [ -e $FOLDER/go ] && break; sleep 0.05; done'
  const path = script(`#!/bin/sh\n{ ${waits}; echo late >&2 && touch $FOLDER/survived; } <&0 &\nexit 0\n`)

  const end = await run(path, { stdin: 'x'.repeat(100_000) })

  assert.equal(end.kind, 'exited')
  assert.equal(existsSync(join(folder, 'survived')), false)
  writeFileSync(join(folder, 'go'), '')
  await until(() => existsSync(join(folder, 'survived')))
})

import assert from 'node:assert/strict'
import { closeSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { makePipe } from './pipe.ts'
import { ChildProcesses, type Exit } from './spawn.ts'

/** Runs a line of shell; gives what it wrote and how it ended. */
async function shell(line: string, env = {}): Promise<{ said: string; exit: Exit }> {
  const pipe = makePipe()
  const { promise, resolve } = Promise.withResolvers<Exit>()
  // Signals do not keep the event loop alive.
  const alive = setInterval(() => {}, 1000)
  const argv = ['-c', line, 'sh', 'a b']
  const pid = new ChildProcesses().start(
    { path: '/bin/sh', argv, env, stdio: [undefined, pipe.writeFd, undefined] },
    resolve,
  )
  closeSync(pipe.writeFd)
  const exit = await promise
  clearInterval(alive)
  const said = readFileSync(pipe.readFd, 'utf8').replaceAll(String(pid), 'PID')
  closeSync(pipe.readFd)
  return { said, exit }
}

test('a program gets its arguments and its environment, and no descriptor of ours', async () => {
  const pipe = makePipe()
  const own = [pipe.readFd, pipe.writeFd]

  const { said, exit } = await shell('echo "$1" $NAME; cat; for fd in $OWN; do ls /proc/$$/fd/$fd; done', {
    NAME: 'value',
    OWN: own.join(' '),
  })

  for (const fd of own) closeSync(fd)
  assert.deepEqual(exit, { kind: 'exited', status: 2 })
  assert.equal(said, 'a b value\n')
})

test('it leads a session and a group of its own, and SIGPIPE ends it', async () => {
  const { said } = await shell('cut -d" " -f5,6 /proc/$$/stat; yes | head -1; grep SigBlk /proc/self/status')

  assert.equal(said, 'PID PID\ny\nSigBlk:\t0000000000000000\n')
})

test('status and signal are told', async () => {
  assert.deepEqual((await shell('exit 200')).exit, { kind: 'exited', status: 200 })
  assert.deepEqual((await shell('kill -TERM $$')).exit, { kind: 'killed', signal: 'SIGTERM' })
})

test('what cannot be started gives minus errno and leaves no listener behind', () => {
  const before = process.listenerCount('SIGCHLD')
  const request = { path: '/nowhere', argv: [], env: {}, stdio: [undefined, undefined, undefined] } as const

  assert.equal(
    new ChildProcesses().start(request, () => {}),
    -2,
  )
  assert.equal(process.listenerCount('SIGCHLD'), before)
})

test('several programs that end at the same time are all told of', async () => {
  const ends = await Promise.all(Array.from({ length: 8 }, (_, at) => shell(`exit ${at}`)))

  assert.deepEqual(
    ends.map(({ exit }) => exit.kind === 'exited' && exit.status),
    [0, 1, 2, 3, 4, 5, 6, 7],
  )
})

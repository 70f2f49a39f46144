import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bind, must, socket } from './libc.ts'
import { ServiceNotifier } from './notify.ts'
import { AF_UNIX, encodeUnixAddress } from './unix-address.ts'

const SOCK_DGRAM_NONBLOCKING = 2 | 0x800

test('messages arrive at a socket with a path and at an abstract one', t => {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const path of [join(folder, 'socket'), `@floodwarden-test-${process.pid}`]) {
    const receive = supervisor(t, path)
    const notifier = new ServiceNotifier({ NOTIFY_SOCKET: path })

    const sent = [notifier.status('two\nlines'), notifier.ready(), notifier.alive(), notifier.stopping()]
    notifier.close()

    assert.deepEqual(sent, [true, true, true, true])
    assert.deepEqual(
      [receive(), receive(), receive(), receive()],
      ['STATUS=two lines', 'READY=1', 'WATCHDOG=1', 'STOPPING=1'],
    )
  }
})

test('without a supervisor, or when it does not listen, messages are lost quietly', () => {
  for (const environment of [{}, { NOTIFY_SOCKET: '' }, { NOTIFY_SOCKET: '/nowhere/socket' }]) {
    const notifier = new ServiceNotifier(environment)

    assert.equal(notifier.ready(), false)
    notifier.close()
    assert.equal(notifier.ready(), false)
  }
})

test('the watchdog is ours when its process is ours or not named', () => {
  const interval = (environment: object) => new ServiceNotifier(environment, 42).watchdogMilliseconds

  assert.equal(interval({ WATCHDOG_USEC: '30000000' }), 30_000)
  assert.equal(interval({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' }), 30_000)
  assert.equal(interval({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '43' }), undefined)
  assert.equal(interval({ WATCHDOG_USEC: '0' }), undefined)
  assert.equal(interval({ WATCHDOG_USEC: 'soon' }), undefined)
  assert.equal(interval({}), undefined)
})

/** A socket in the place of systemd's; each call takes one message. */
function supervisor(t: TestContext, path: string): () => string {
  const fd = must(socket(AF_UNIX, SOCK_DGRAM_NONBLOCKING, 0), 'socket')
  t.after(() => closeSync(fd))
  const address = encodeUnixAddress(path)
  assert.ok(address)
  must(bind(fd, address, address.length), 'bind')
  const message = Buffer.alloc(256)
  return () => message.toString('utf8', 0, readSync(fd, message))
}

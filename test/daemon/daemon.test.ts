// The daemon as its supervisor and its operator meet it: start, ready, refusals, metrics, end.

import assert from 'node:assert/strict'
import { closeSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROUTES } from '#api/contract/routes.ts'
import { bind, must, socket } from '#lib/linux/libc.ts'
import { AF_UNIX, encodeUnixAddress } from '#lib/linux/unix-address.ts'
import { run } from '../../lab/command.ts'
import { closed, freePort, holdPort } from '../../lab/free-port.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { Metrics } from '../metrics-endpoint.ts'
import { processorSecondsOf } from '../processor-ms.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const QUIET =
  'networks: [192.0.2.0/24]\ncapture: { method: off }\nmetrics: { listen: off }\napi: { listen: off }\n'

function quietDaemon(t: TestContext): { state: string; words: string[] } {
  const folder = temporaryFolder(t)
  const config = join(folder, 'config.yaml')
  writeFileSync(config, QUIET)
  return { state: join(folder, 'state'), words: ['--config', config] }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends the daemon with exit code 0 and leaves no socket behind`, async t => {
    await using daemon = await RunningDaemon.start(quietDaemon(t))
    const control = join(daemon.state, 'control.sock')
    assert.equal(statSync(control).mode & 0o777, 0o660)

    const { code, seconds } = await daemon.stop(signal)

    assert.equal(code, 0)
    assert.ok(seconds < 5, `${seconds} s`)
    assert.equal(statSync(control, { throwIfNoEntry: false }), undefined)
    assert.equal(daemon.log.at(-1)?.message, 'ended')
  })
}

test('the start says in words what will be done, and is ready within a second of work', async t => {
  await using daemon = await RunningDaemon.start(quietDaemon(t))
  const worked = processorSecondsOf(daemon.pid)

  const said = daemon.log.filter(({ message }) => message === 'configuration').map(line => line['says'])

  assert.ok(said.includes('armed      no: everything is shown, nothing is carried out'), said.join('\n'))
  assert.ok(said.includes('networks   1 prefix, 256 IPv4 addresses'), said.join('\n'))
  // Its threads together, and those of a processor that others share.
  assert.ok(worked < 3, `ready after ${worked} s of work`)
})

test('a second daemon on the same state is refused by name, and the first goes on', async t => {
  const plan = quietDaemon(t)
  await using first = await RunningDaemon.start(plan)
  await using second = RunningDaemon.launch(plan)

  const { code } = await second.ended()

  assert.equal(code, 1)
  assert.match(
    second.stderr,
    new RegExp(`^floodwarden: another daemon \\(process ${first.pid}\\) uses the state`),
  )
  assert.deepEqual(second.log, [])
  assert.equal((await first.call(ROUTES.health, {})).ok, true)
})

test('a state whose daemon was killed is taken over', async t => {
  const plan = quietDaemon(t)
  await using killed = await RunningDaemon.start(plan)
  await killed.stop('SIGKILL')

  await using next = await RunningDaemon.start(plan)

  assert.equal((await next.call(ROUTES.status, {})).pid, next.pid)
})

test('a configuration with mistakes is refused with file, line and column', async t => {
  const { state } = quietDaemon(t)
  const config = join(temporaryFolder(t), 'wrong.yaml')
  writeFileSync(config, 'networks: [192.0.2.0/24]\ncapture:\n  ringMegabytez: 64\n  workers: none\n')
  await using daemon = RunningDaemon.launch({ state, words: ['--config', config] })

  const { code } = await daemon.ended()

  assert.equal(code, 1)
  assert.ok(daemon.stderr.startsWith(`${config}:3:3: error: capture.ringMegabytez: `), daemon.stderr)
  assert.match(daemon.stderr, /ringMegabytes\b/)
  assert.ok(daemon.stderr.includes(`${config}:4:12: error: capture.workers: `), daemon.stderr)
  assert.match(daemon.stderr, /the configuration is refused; nothing was started\n$/)
})

test('wrong usage ends with exit code 2', async () => {
  const { code, stderr } = await run([FLOODWARDEN, 'run', '--detektion', 'plain'])

  assert.equal(code, 2)
  assert.match(stderr, /--detection/)
})

test('the metrics are valid and hold FastNetMon’s names; other paths are refused', async t => {
  const port = await freePort()
  const plan = quietDaemon(t)
  await using _daemon = await RunningDaemon.start({
    ...plan,
    words: [...plan.words, '--metrics', `127.0.0.1:${port}`],
  })

  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  const metrics = new Metrics(await response.text())
  const elsewhere = await fetch(`http://127.0.0.1:${port}/`)

  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  assert.equal(elsewhere.status, 404)
  assert.equal(metrics.value('fastnetmon_total_simple_packets_processed'), 0)
  assert.equal(metrics.value('fastnetmon_total_traffic_packets', { traffic_direction: 'incoming' }), 0)
  assert.ok(metrics.value('floodwarden_start_time_seconds') > 1.7e9)
  assert.equal(metrics.value('floodwarden_build', { version: '0.1.0' }), 1)
})

test('a busy metrics port is told and tried again, and served when it is free', {
  timeout: 240_000,
}, async t => {
  const { port, server } = await holdPort()
  const plan = quietDaemon(t)
  await using daemon = await RunningDaemon.start({
    ...plan,
    words: [...plan.words, '--metrics', `127.0.0.1:${port}`],
  })

  const told = await daemon.until(({ message }) => message === 'cannot listen')
  const { warnings } = await daemon.call(ROUTES.status, {})
  await closed(server)
  await daemon.until(line => line.message === 'listening' && String(line['on']).startsWith('metrics'))
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)

  assert.equal(told.level, 'warn')
  assert.match(String(told['error']), /EADDRINUSE/)
  assert.match(warnings.join('\n'), /^metrics: .*EADDRINUSE/m)
  assert.equal(response.status, 200)
  assert.deepEqual((await daemon.call(ROUTES.status, {})).warnings, [])
})

test('systemd is told READY, then WATCHDOG again and again, and STOPPING', async t => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'notify')
  const receive = supervisor(t, path)
  await using daemon = await RunningDaemon.start({
    ...quietDaemon(t),
    environment: { NOTIFY_SOCKET: path, WATCHDOG_USEC: '400000' },
  })
  await sleep(1000)

  await daemon.stop()

  const messages = receive()
  assert.equal(messages[0], 'READY=1')
  assert.ok(messages.filter(message => message === 'WATCHDOG=1').length >= 3, messages.join())
  assert.equal(messages.at(-1), 'STOPPING=1')
})

test('started by root it keeps four capabilities, and captures with them', async t => {
  if (!mayUseNamespaces(t)) return
  const plan = quietDaemon(t)
  writeFileSync(plan.words[1]!, QUIET.replace('method: off', 'interfaces: [lo]'))
  await using daemon = await RunningDaemon.start(plan)

  const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8')

  // CAP_KILL, CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_SYS_NICE: bits 5, 10, 13 and 23.
  assert.equal(BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(status)?.[1]}`), 0x80_2420n)
  assert.equal(BigInt(`0x${/^CapPrm:\s*(\w+)/m.exec(status)?.[1]}`), 0x80_2420n)
  const { capture } = await daemon.call(ROUTES.status, {})
  assert.deepEqual(
    capture.map(({ interface: name }) => name),
    ['lo'],
  )
})

test('it runs from any directory, with another Node first in the path', async t => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'node'), '#!/bin/sh\nexit 9\n', { mode: 0o755 })
  await using daemon = await RunningDaemon.start({
    ...quietDaemon(t),
    launcher: ['env', '-C', '/', `PATH=${folder}:/usr/bin:/bin`, FLOODWARDEN],
  })

  const starting = daemon.log.find(({ message }) => message === 'starting')

  assert.match(String(starting?.['node']), /^26\./)
})

/** A socket in the place of systemd's; gives the messages that came since the last call. */
function supervisor(t: TestContext, path: string): () => string[] {
  const SOCK_DGRAM_NONBLOCKING = 2 | 0x800
  const fd = must(socket(AF_UNIX, SOCK_DGRAM_NONBLOCKING, 0), 'socket')
  t.after(() => closeSync(fd))
  const address = encodeUnixAddress(path)
  assert.ok(address)
  must(bind(fd, address, address.length), 'bind')
  const buffer = Buffer.alloc(256)
  return () => {
    const messages: string[] = []
    for (;;) {
      try {
        messages.push(buffer.toString('utf8', 0, readSync(fd, buffer)))
      } catch {
        return messages
      }
    }
  }
}

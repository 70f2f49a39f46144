// Doctor where IPFIX over TCP is all the telemetry there is: before the daemon runs, and beside it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { run } from '../../lab/command.ts'
import { freePort } from '../../lab/free-port.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { MINUTE } from './flow-stage.ts'

const REPORT = z.object({ findings: z.array(z.object({ name: z.string(), detail: z.string() })) })

test('doctor tells of silence and of closed connections where only TCP is listened on', MINUTE, async t => {
  const folder = temporaryFolder(t)
  const port = await freePort()
  const [config, state] = [join(folder, 'config.yaml'), join(folder, 'state')]
  writeFileSync(
    config,
    `networks: [10.99.1.0/24]\ncapture: { method: off }\ntelemetry: { tcp: ['127.0.0.1:${port}'] }\n`,
  )
  const doctor = async () => {
    const { stdout } = await run([FLOODWARDEN, 'doctor', '--config', config, '--state', state, '--json'])
    const { findings } = REPORT.parse(JSON.parse(stdout))
    return findings.filter(({ name }) => name === 'flow telemetry').map(({ detail }) => detail)
  }

  const alone = await doctor()
  const daemon = await RunningDaemon.start({ state, words: ['--config', config] })
  t.after(() => daemon[Symbol.asyncDispose]())
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => {}).write('GET / HTTP/1.1\r\nHost: collector\r\n\r\n')
  await once(socket, 'close')
  const beside = await doctor()

  assert.deepEqual(alone, [`tcp 127.0.0.1:${port} can be received on`])
  assert.deepEqual(beside, [
    `no datagram has come to tcp port ${port}`,
    `connections were closed: 1 that brought something else than IPFIX on tcp 127.0.0.1:${port}`,
  ])
})

// A daemon that is asked by TLS: verbs check its certificate, and a reload has it show a new one.

import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { ROUTES } from '#api/contract/routes.ts'
import { run } from '../../lab/command.ts'
import { freePort } from '../../lab/free-port.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'
import { authorityFor } from '../certificates.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const shownAt = (port: number) =>
  new Promise<unknown>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN)
      socket.destroy()
    })
    socket.on('error', reject)
  })

test('verbs come in by TLS, and a reload shows a new certificate or tells why not', async t => {
  const authority = authorityFor(t)
  if (authority === undefined) return
  const folder = temporaryFolder(t)
  const port = await freePort()
  const { certificate, key } = authority.sign('old', 'IP:127.0.0.1')
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [192.0.2.0/24]
capture: { method: off }
metrics: { listen: off }
api:
  listen: 127.0.0.1:${port}
  tls: { certificate: ${certificate}, key: ${key} }
  access: { mode: none }
`,
  )
  await using daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', config],
  })
  const status = [FLOODWARDEN, 'status', '--url', `https://127.0.0.1:${port}`]

  const [trusting, wary, first] = await Promise.all([
    run([...status, '--ca-file', authority.certificate]),
    run(status),
    shownAt(port),
  ])
  const next = authority.sign('new', 'IP:127.0.0.1')
  copyFileSync(next.certificate, certificate)
  await daemon.call(ROUTES.reload, {})
  const mismatched = await shownAt(port)
  const { warnings } = await daemon.call(ROUTES.status, {})
  copyFileSync(next.key, key)
  daemon.signal('SIGHUP')
  await daemon.until(({ message }) => message === 'certificate read again')

  assert.match(trusting.stdout, /^Floodwarden/, trusting.stderr)
  assert.equal(wary.code, 1)
  assert.match(wary.stderr, /not believed.*\n.*--ca-file/)
  assert.deepEqual([first, mismatched, await shownAt(port)], ['old', 'old', 'new'])
  assert.match(warnings.join('\n'), /API on 127\.0\.0\.1.*mismatch/)
  assert.deepEqual((await daemon.call(ROUTES.status, {})).warnings, [])
})

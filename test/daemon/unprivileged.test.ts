// `floodwarden run` with no configuration at all: as root it captures, as somebody else it says what is missing.

import assert from 'node:assert/strict'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { run } from '../../lab/command.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { checkoutForNobody, NOBODY } from '../nobody.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('as root it watches the addresses of this machine on the default interface', async t => {
  if (!mayUseNamespaces(t)) return
  await using daemon = await RunningDaemon.start({ state: join(temporaryFolder(t), 'state'), words: [] })

  const status = await daemon.call(ROUTES.status, {})

  assert.equal(status.origin.kind, 'defaults')
  assert.equal(status.armed, false)
  assert.ok(status.networks > 0)
  const isCapturing = daemon.log.some(({ message }) => message === 'capturing')
  const hasRoute = (await run(['ip', 'route', 'show', 'default'])).stdout !== ''
  assert.equal(isCapturing, hasRoute, JSON.stringify(daemon.log))
})

test('without permission it keeps running, and says what is missing and how to grant it', async t => {
  const isRoot = process.getuid?.() === 0
  const folder = temporaryFolder(t, 0o711)
  const state = join(folder, 'state')
  mkdirSync(state)
  if (isRoot) chownSync(state, NOBODY, NOBODY)
  await using daemon = await RunningDaemon.start({
    state,
    words: ['lo'],
    ...(isRoot ? { uid: NOBODY, launcher: [join(await checkoutForNobody(t), 'floodwarden')] } : {}),
  })

  const told = await daemon.until(({ message }) => /^no capture/.test(message))
  const status = await daemon.ask(['status'])
  const health = await daemon.call(ROUTES.health, {})

  assert.match(
    String(told['problem']),
    /^cannot capture on lo: .*not permitted.*CAP_NET_RAW: run as root, or grant it/,
  )
  assert.equal(status.code, 0)
  assert.match(status.stdout, /^warning +cannot capture on lo: .*CAP_NET_RAW/m)
  assert.equal(health.ok, false)
  assert.equal((await daemon.stop()).code, 0)
})

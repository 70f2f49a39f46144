// `floodwarden run` with no configuration at all: as root it captures, as somebody else it says what is missing.

import assert from 'node:assert/strict'
import { chownSync, cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { run } from '../../lab/command.ts'
import { FLOODWARDEN, RunningDaemon } from '../running-daemon.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { mayUseNamespaces } from './veth-pair.ts'

const NOBODY = 65_534
const AS_NOBODY = ['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups']

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
  if (!mayUseNamespaces(t)) return
  const folder = temporaryFolder(t, 0o711)
  const state = join(folder, 'state')
  mkdirSync(state)
  chownSync(state, NOBODY, NOBODY)
  await using daemon = await RunningDaemon.start({
    state,
    words: ['lo'],
    uid: NOBODY,
    launcher: [await readableLauncher(t)],
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

/** The launcher, in a copy of the checkout where nobody else may read this one. */
async function readableLauncher(t: TestContext): Promise<string> {
  const { code } = await run([...AS_NOBODY, FLOODWARDEN, 'version'])
  if (code === 0) return FLOODWARDEN
  const folder = temporaryFolder(t, 0o755)
  for (const name of ['floodwarden', 'package.json', 'src', 'node_modules']) {
    cpSync(join(FLOODWARDEN, '..', name), join(folder, name), { recursive: true, verbatimSymlinks: true })
  }
  return join(folder, 'floodwarden')
}

// The demonstration, both ways: on a network of its own as root, by replay as anybody. It ends soon and leaves nothing.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { mustRun } from '../../lab/command.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { AS_NOBODY, checkoutForNobody } from '../nobody.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const ROOT = join(import.meta.dirname, '../..')
const DEMO = join(ROOT, 'lab/demo.ts')
const MINUTE = { timeout: 240_000 }

/** The calls of the script, as the demonstration shows them. */
const callsIn = (shown: string): string[] =>
  [...shown.matchAll(/^ {4}\$ notify\.sh 10\.10\.10\.10 incoming (\d+) (\w+) /gm)].map(
    match => match[2] ?? '',
  )

test('as root: visitors, a flood, the screen, three calls, and nothing is left', MINUTE, async t => {
  if (!mayUseNamespaces(t)) return
  const folder = temporaryFolder(t)
  const began = performance.now()

  const shown = await mustRun(['env', `TMPDIR=${folder}`, process.execPath, DEMO], {
    timeoutMilliseconds: 50_000,
  })

  const seconds = (performance.now() - began) / 1000
  assert.ok(seconds < 30, `${seconds} s`)
  assert.deepEqual(callsIn(shown), ['ban', 'attack_details', 'unban'])
  assert.match(shown, /^ {4}10\.10\.10\.10 +\d+ pps +\d+ mbps +\d+ flows {2}\*banned\*$/m)
  assert.match(shown, /^ {4}Ban list:\n {4}10\.10\.10\.10\/\d+ pps incoming at /m)
  assert.match(shown, /^ {4}Attack type: udp_flood$/m)
  assert.deepEqual(readdirSync(folder), [])
  const [lab] = /\bfw-\d+-/.exec(shown) ?? []
  assert.ok(lab !== undefined && !(await mustRun(['ip', 'netns', 'list'])).includes(lab), `${lab}… is gone`)
})

test('without root: the same from a capture, as whoever runs it', MINUTE, async t => {
  const isRoot = process.getuid?.() === 0
  const checkout = isRoot ? await checkoutForNobody(t) : ROOT
  const argv = [join(checkout, 'node_modules/.bin/node'), join(checkout, 'lab/demo.ts')]

  const shown = await mustRun(isRoot ? [...AS_NOBODY, 'env', 'HOME=/nonexistent', ...argv] : argv)

  assert.match(shown, /Without root there is no network to build/)
  assert.match(shown, /^ {4}\d+ packets, 1 attack$/m)
  assert.deepEqual(callsIn(shown), ['ban', 'attack_details', 'unban'])
  assert.match(shown, /^ {4}Attack protocol: udp$/m)
})

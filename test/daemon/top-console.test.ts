// The console of `top` on a real terminal, at a real daemon: what keys do there is done.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { recordingScript } from '../../lab/recording-script.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunProgram } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const PYTHON = '/usr/bin/python3'
const BEGIN_FRAME = '\u001b[?2026h\u001b[H'
const END_FRAME = '\u001b[J\u001b[?2026l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'

/** A program on a terminal of 100 columns, later of 50. */
class Screen {
  readonly #child: ChildProcess
  #drawn = ''

  constructor(t: TestContext, state: string, environment: Record<string, string> = {}) {
    const words = [join(import.meta.dirname, 'on-a-terminal.py'), '100', '24', '50', '12', FLOODWARDEN, 'top']
    const env = { ...process.env, TERM: 'xterm', NO_COLOR: '', ...environment }
    this.#child = spawn(PYTHON, [...words, '--state', state], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout?.setEncoding('utf8').on('data', text => {
      this.#drawn += text
    })
    t.after(() => this.#child.kill('SIGKILL'))
  }

  get drawn(): string {
    return this.#drawn
  }

  /** Lines of the last whole frame, without colours. */
  get lines(): string[] {
    const frames = this.#drawn.split(BEGIN_FRAME).filter(frame => frame.includes(END_FRAME))
    const [text = ''] = frames.at(-1)?.split(END_FRAME) ?? []
    return text.split(/\r+\n/).map(line => line.replaceAll(/.\[[0-9;?]*[A-Za-z]/g, ''))
  }

  press(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async until(shows: (lines: string[]) => boolean, what: string): Promise<string[]> {
    const deadline = performance.now() + 30_000
    for (;;) {
      const { lines } = this
      if (shows(lines)) return lines
      assert.ok(performance.now() < deadline, `never seen: ${what}\n${lines.join('\n')}`)
      await sleep(20)
    }
  }

  untilLine(pattern: RegExp): Promise<string[]> {
    return this.until(lines => lines.some(line => pattern.test(line)), String(pattern))
  }

  /** How it ended, as the one that ran it says. */
  async ended(): Promise<string> {
    if (this.#child.exitCode === null) await once(this.#child, 'close')
    return this.#drawn.split('\n').at(-2) ?? ''
  }
}

async function setUp(t: TestContext) {
  const folder = temporaryFolder(t)
  const script = recordingScript(folder)
  writeFileSync(
    join(folder, 'config.yaml'),
    `networks: [192.0.2.0/24]
capture: { method: off }
metrics: { listen: off }
mitigation: { armed: true }
enforcement: { notifyScript: { path: ${script.path} } }
`,
  )
  const state = join(folder, 'state')
  const start = () => RunningDaemon.start({ state, words: ['--config', join(folder, 'config.yaml')] })
  return { state, start, script }
}

test('by keys a host is banned, its mitigation withdrawn and a ban ended; a restart is survived; the terminal is given back', async t => {
  if (!mayRunProgram(t, PYTHON)) return
  const { state, start, script } = await setUp(t)
  let daemon = await start()
  t.after(() => daemon[Symbol.asyncDispose]())
  const screen = new Screen(t, state)

  // A ban, with a time and a reason.
  await screen.untilLine(/^No host has traffic/)
  screen.press('B192.0.2.7\r10m\rticket 4711\r')
  await screen.untilLine(/^Ban 192\.0\.2\.7 for 600 s \(ticket 4711\)\? y yes, n no/)
  assert.deepEqual(JSON.parse((await daemon.ask(['bans', '--json'])).stdout).bans, [])
  screen.press('y')
  await screen.untilLine(/^192\.0\.2\.7 is banned until /)
  const { bans } = JSON.parse((await daemon.ask(['bans', '--json'])).stdout)
  assert.deepEqual([bans.length, bans[0].host, bans[0].origin], [1, '192.0.2.7', 'manual'])
  assert.match((await daemon.ask(['audit'])).stdout, /ticket 4711/)
  const banned = await script.until(({ length }) => length >= 1, 10)
  assert.equal(banned[0]?.argv.at(-1), 'ban')

  // Another size, and what is known of it.
  screen.press('2')
  await screen.untilLine(/^> 192\.0\.2\.7 +by hand/)
  screen.signal('SIGUSR1')
  const small = await screen.until(lines => lines.length === 12, 'twelve lines')
  assert.deepEqual(
    small.filter(line => line.length > 50),
    [],
  )
  screen.press('\r')
  await screen.untilLine(/^Attack .* on 192\.0\.2\.7/)
  screen.press('\u001b')

  // The daemon goes and comes back, with what it held.
  await daemon.stop()
  const old = await screen.untilLine(/^OLD NUMBERS since/)
  assert.ok(old.some(line => /^old numbers since .*no daemon answers/.test(line)))
  assert.ok(old.some(line => line.startsWith('> 192.0.2.7')))
  daemon = await start()
  await screen.until(lines => /^Floodwarden/.test(lines[0] ?? ''), 'new numbers')
  await screen.untilLine(/^> 192\.0\.2\.7/)

  // What is done about it is taken back, which ends the ban.
  screen.press('3')
  await screen.untilLine(/^> 192\.0\.2\.7 +script/)
  screen.press('Wfalse alarm\ry')
  await screen.untilLine(/ is taken back/)
  assert.deepEqual(JSON.parse((await daemon.ask(['bans', '--json'])).stdout).bans, [])
  await daemon.ask(['ban', '192.0.2.8'])
  screen.press('2')
  // Not what the pane before shows, whose first row is of this host too.
  await screen.untilLine(/^> 192\.0\.2\.8 +by hand/)
  screen.press('Uall calm\ry')
  await screen.untilLine(/^192\.0\.2\.8 is no longer banned/)
  assert.deepEqual(JSON.parse((await daemon.ask(['bans', '--json'])).stdout).bans, [])

  assert.match((await daemon.ask(['audit'])).stdout, /unban by hand: all calm/)

  screen.press('q')
  assert.equal(await screen.ended(), 'ended 0 restored')
  assert.ok(screen.drawn.includes(LEAVE))
  assert.match(screen.drawn, /\[1mFloodwarden/)
})

test('a signal gives the terminal back too, and NO_COLOR is honoured', async t => {
  if (!mayRunProgram(t, PYTHON)) return
  const { state, start } = await setUp(t)
  await using _daemon = await start()
  const screen = new Screen(t, state, { NO_COLOR: '1' })
  await screen.untilLine(/^No host has traffic/)

  screen.signal('SIGTERM')

  assert.equal(await screen.ended(), 'ended 0 restored')
  assert.ok(screen.drawn.includes(LEAVE))
  assert.doesNotMatch(screen.drawn, /\[[0-9;]*m/)
})

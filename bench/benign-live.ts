// Honest traffic above a limit, live: all cases at once, again and again, to detectors that listen side by side.

import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { assert } from '#lib/assert.ts'
import type { BenignFiles, BenignRun } from './benign-files.ts'
import type { Stage } from './stage.ts'
import { StampFolder } from './stamp-folder.ts'
import { OURS, PEER, startsOf } from './starters.ts'

const PLAY = new URL('../lab/play.ts', import.meta.url).pathname
/** Longer than either detector takes to call its script. */
const LAST_BAN_MILLISECONDS = 3000

/** Whole rounds until the minutes are over. A host stays banned, so each can be banned once only. */
export async function liveBenign(
  stage: Stage,
  { files }: BenignFiles,
  limit: number,
  networks: readonly string[],
  minutes: number,
): Promise<BenignRun[]> {
  await using ends = new AsyncDisposableStack()
  const watched: { readonly name: string; readonly folder: StampFolder }[] = []
  for (const start of startsOf(OURS, PEER)) {
    const folder = ends.use(new StampFolder())
    const detector = ends.use(await start({ stage, networks, limit, script: folder.script }))
    watched.push({ name: detector.name, folder })
  }
  let rounds = 0
  for (const end = performance.now() + minutes * 60_000; performance.now() < end; rounds++)
    await Promise.all(files.map(({ path }) => playFile(stage, path)))
  await delay(LAST_BAN_MILLISECONDS)
  return watched.map(({ name, folder }) => ({
    detector: `${name}, live`,
    rounds,
    banned: folder.bans().map(({ host }) => host),
  }))
}

async function playFile({ lab, link }: Stage, path: string): Promise<void> {
  const { role, interface: name } = link.from
  const child = lab.spawn(role, [process.execPath, PLAY, '--interface', name, path], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'close')
  assert(code === 0, 'the file is played to its end')
}

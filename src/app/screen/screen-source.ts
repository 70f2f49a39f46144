// The text of a screen file, put together from what the daemon knows.

import { isRule } from '#4-detection/reported-attack.ts'
import { screenFileText } from '#compat/fastnetmon/screen-file.ts'
import { stampText } from '../attack-files/file-name.ts'
import type { Daemon } from '../control-room.ts'
import type { Sides } from '../traffic-view.ts'
import { ScreenFiles, type ScreenFilesOptions } from './screen-files.ts'

/** What a screen needs of the daemon. */
export interface ScreenSource extends Pick<Daemon, 'book' | 'status' | 'screen'> {
  traffic(sort: Daemon['screen']['sort'], limit: number, family: 4 | 6): Promise<Sides>
}

/**
 * Bans on one screen. Of hosts only: `10.0.0.0/24/5000 pps` would pass for the address 10.0.0.0 with whoever takes the
 * lines apart.
 */
const BANS_MAX = 1000

/** Draws the screen files the configuration names; none when it names none. */
export function screenFilesOf(source: ScreenSource, log: ScreenFilesOptions['log']): ScreenFiles {
  return new ScreenFiles({
    ...screenPlanOf(source.screen),
    text: family => screenText(source, family),
    log,
  })
}

/** Which files are drawn, and how often. */
export function screenPlanOf({ files: { ipv4, ipv6 }, redrawSeconds: everySeconds }: Daemon['screen']) {
  const files = [
    ...(ipv4 === undefined ? [] : [{ path: ipv4, family: 4 as const }]),
    ...(ipv6 === undefined ? [] : [{ path: ipv6, family: 6 as const }]),
  ]
  return { files, everySeconds }
}

async function screenText(source: ScreenSource, family: 4 | 6): Promise<string> {
  const startedAt = performance.now()
  const { sort, rows } = source.screen
  const sides = await source.traffic(sort, rows, family)
  const { version, calculationMicroseconds, unparsedPerSecond } = source.status.screenFacts()
  const bans = source.book.open
    .filter(attack => attack.family === family && attack.scope === 'host' && !isRule(attack))
    .slice(0, BANS_MAX)
    .map(({ host, direction, peak, openedAt }) => ({ host, direction, peak, openedAt }))
  const drawnSeconds = (performance.now() - startedAt) / 1000
  const facts = { version, sort, calculationMicroseconds, unparsedPerSecond, drawnSeconds }
  return screenFileText({ family, ...facts, ...sides, bans }, stampText)
}

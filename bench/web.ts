// The console in Chromium: what the overview weighs and when it is painted, how a table of 10,000 rows scrolls, and whether a
// page that is open for hours grows.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { EXAMPLE_STATUS } from '#api/contract/examples.ts'
import { freePort } from '../lab/free-port.ts'
import { RunningDaemon } from '../lab/running-daemon.ts'
import { atMost, printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { median } from './statistics.ts'
import { printTable } from './table.ts'

const CHROMIUM = '/usr/bin/chromium'
const { quick } = benchOptions()
const VISITS = quick ? 3 : 9
const SCROLLS = quick ? 100 : 600
const TABLE_ROWS = 10_000
const HOURS = quick ? 2 : 6
const HOUR_SECONDS = 3600
const BUDGET_KB = 200
const PAINT_MS = 1000
const FRAME_MS = 50
/** What garbage collection leaves differs from time to time. */
const GROWTH_MB = 1

if (!existsSync(CHROMIUM)) process.stdout.write(`${CHROMIUM} is missing: apt-get install chromium\n`)
else await bench()

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
  const port = await freePort()
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [10.99.1.0/24]\ncapture: { method: off }\nmetrics: { listen: off }\napi: { listen: '127.0.0.1:${port}', access: { mode: none } }\n`,
  )
  await using daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', config],
  })
  await whenBuilt(daemon)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  try {
    const base = `http://127.0.0.1:${port}`
    const visits = []
    for (let visit = 0; visit < VISITS; visit++) visits.push(await weigh(browser, base))
    const frames = await scroll(browser, base)
    const heap = await keepOpen(browser, base)
    print(visits, frames, heap)
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A start whose sources are newer builds beside. */
async function whenBuilt(daemon: RunningDaemon): Promise<void> {
  const isBuilding = daemon.log.some(
    ({ message, does }) => message === 'console' && String(does).includes('beside'),
  )
  if (isBuilding) await daemon.until(({ message, does }) => message === 'console' && does === 'is built', 60)
}

interface Visit {
  readonly scriptKb: number
  readonly allKb: number
  readonly paintMs: number
  readonly shownMs: number
}

/** The overview in a browser that has nothing of it yet. */
async function weigh(browser: Browser, base: string): Promise<Visit> {
  const context = await browser.newContext()
  const page = await context.newPage()
  let [scripts, all] = [0, 0]
  page.on('requestfinished', async request => {
    const { responseBodySize } = await request.sizes()
    all += responseBodySize
    if (request.resourceType() === 'script') scripts += responseBodySize
  })
  const began = performance.now()
  await page.goto(base)
  await page.locator('canvas').waitFor()
  const shownMs = performance.now() - began
  await page.waitForLoadState('networkidle')
  const paintMs = Number(
    await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"),
  )
  await context.close()
  return { scriptKb: scripts / 1000, allKb: all / 1000, paintMs, shownMs }
}

/** Milliseconds of each frame while a table of so many rows is scrolled by the wheel. */
async function scroll(browser: Browser, base: string): Promise<readonly number[]> {
  const page = await browser.newPage()
  const worker = EXAMPLE_STATUS.capture[0]
  const capture = Array.from({ length: TABLE_ROWS }, (_, at) => ({
    ...worker,
    worker: at,
    packets: at * 977,
  }))
  await page.route('**/api/v1/status', route => route.fulfill({ json: { ...EXAMPLE_STATUS, capture } }))
  await page.goto(`${base}/daemon`)
  await page.getByRole('row').nth(5).waitFor()
  await page.locator('.box').hover()
  await page.evaluate(`window.frames_ = []; (function frame(before) {
    requestAnimationFrame(now => { window.frames_.push(now - before); frame(now) })
  })(performance.now())`)
  for (let turn = 0; turn < SCROLLS; turn++) await page.mouse.wheel(0, turn % 10 === 9 ? -2000 : 700)
  const frames: unknown = await page.evaluate('window.frames_')
  await page.close()
  return Array.isArray(frames) ? frames.map(Number) : []
}

interface Heap {
  readonly atOneHourMb: number
  readonly atTheEndMb: number
}

/** What is kept after an hour of the live feed, and after some more, each second told at once. */
async function keepOpen(browser: Browser, base: string): Promise<Heap> {
  const page = await browser.newPage()
  let tell: (text: string) => void = () => {}
  await page.routeWebSocket('**/api/v1/live', socket => {
    tell = text => socket.send(text)
  })
  await page.goto(base)
  await page.locator('canvas').waitFor()
  const from = Date.now()
  for (let second = 0; second < HOUR_SECONDS; second++) tell(trafficOf(from, second))
  const atOneHourMb = await heapOf(page)
  for (let second = HOUR_SECONDS; second < HOURS * HOUR_SECONDS; second++) tell(trafficOf(from, second))
  const atTheEndMb = await heapOf(page)
  await page.close()
  return { atOneHourMb, atTheEndMb }
}

function trafficOf(from: number, second: number): string {
  const rates = { packets: second * 10, bits: second * 1000 }
  return JSON.stringify({
    ...{ kind: 'traffic', at: new Date(from + second * 1000).toISOString(), openAttacks: second % 3 },
    ...{ incoming: rates, outgoing: rates, internal: rates, other: rates },
  })
}

/** Bytes of JavaScript that are in use, without garbage. */
async function heapOf(page: Page): Promise<number> {
  // Until all that was told is shown.
  await page.waitForTimeout(2000)
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 1e6
}

function print(visits: readonly Visit[], frames: readonly number[], heap: Heap): void {
  const of = (read: (visit: Visit) => number) => median(visits.map(read))
  const sorted = frames.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  const [scriptKb, paintMs, p95] = [of(({ scriptKb: kb }) => kb), of(({ paintMs: ms }) => ms), at(0.95)]
  printTable(
    `the overview, not visited before, ${VISITS} times`,
    ['JavaScript (kB)', 'all (kB)', 'first paint (ms)', 'chart shown (ms)'],
    [[scriptKb, of(({ allKb }) => allKb), paintMs, of(({ shownMs }) => shownMs)]],
  )
  printTable(
    `a table of ${TABLE_ROWS} rows, scrolled`,
    ['frames', 'half (ms)', 'p95 (ms)', 'worst (ms)'],
    [[frames.length, at(0.5), p95, sorted.at(-1) ?? Number.NaN]],
  )
  printTable(
    'an overview that is left open',
    ['hours', 'after one (MB)', 'at the end (MB)'],
    [[HOURS, heap.atOneHourMb, heap.atTheEndMb]],
  )
  printGates([
    atMost('JavaScript of the overview', scriptKb, BUDGET_KB, 'kB'),
    atMost('first paint of the overview', paintMs, PAINT_MS, 'ms'),
    atMost('95 of 100 frames of the table', p95, FRAME_MS, 'ms'),
    atMost('growth of a page that is left open', heap.atTheEndMb - heap.atOneHourMb, GROWTH_MB, 'MB'),
  ])
}

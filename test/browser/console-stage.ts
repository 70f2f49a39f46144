// A daemon that hears an exporter, people of each role, and a browser: shared by all tests of a file.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { netflow5, record5, UPTIME_MS } from '#2-decode/flow-exports-for-tests.ts'
import type { Role } from '#api/contract/access.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { freePort } from '../../lab/free-port.ts'
import { type DaemonPlan, RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunProgram } from '../may-run-programs.ts'
import { freeUdpPort, TelemetrySender } from '../telemetry-sender.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export const CHROMIUM = '/usr/bin/chromium'
export const PASSWORD = 'correct horse battery'
export const VICTIM = '10.99.1.250'
/** Pictures of what was seen, for whoever looks why a test failed. */
const PICTURES = join(import.meta.dirname, 'out')

const EVERY_MS = 100
const BUILDS = 'is built from its sources, beside the start'
const short = { first: UPTIME_MS - 10, last: UPTIME_MS - 10 }

interface Visit {
  readonly theme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

interface StagePlan {
  /** Settings beside those that are there. */
  readonly more?: string
  /** Whether `viewer`, `operator` and `admin` may log in; otherwise nobody may yet. */
  readonly hasUsers?: boolean
}

export class ConsoleStage {
  readonly base: string
  readonly config: string
  readonly browser: Browser
  daemon: RunningDaemon
  readonly #plan: DaemonPlan
  readonly #sender: TelemetrySender
  readonly #cookies = new Map<Role, Awaited<ReturnType<BrowserContext['cookies']>>>()
  #sequence = 0

  private constructor(made: {
    base: string
    config: string
    browser: Browser
    daemon: RunningDaemon
    plan: DaemonPlan
    sender: TelemetrySender
  }) {
    this.base = made.base
    this.config = made.config
    this.browser = made.browser
    this.daemon = made.daemon
    this.#plan = made.plan
    this.#sender = made.sender
  }

  /** Undefined: the test is skipped aloud. `more`: of the configuration. */
  static async open(
    t: TestContext,
    { more = '', hasUsers = true }: StagePlan = {},
  ): Promise<ConsoleStage | undefined> {
    if (!mayRunProgram(t, CHROMIUM)) return undefined
    const folder = temporaryFolder(t)
    const [telemetry, port] = [await freeUdpPort(), await freePort()]
    const config = join(folder, 'config.yaml')
    writeFileSync(config, settings(telemetry, port, more))
    const plan = { state: join(folder, 'state'), words: ['--config', config] }
    const sender = await TelemetrySender.open(t, telemetry)
    // One after the other, each ended by itself: what failed to start leaves nothing running.
    const daemon = await RunningDaemon.start(plan)
    let stage: ConsoleStage | undefined
    t.after(async () => await (stage?.daemon ?? daemon)[Symbol.asyncDispose]())
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu'],
    })
    t.after(() => browser.close())
    const base = `http://127.0.0.1:${port}`
    stage = new ConsoleStage({ base, config, browser, daemon, plan, sender })
    for (const role of hasUsers ? (['viewer', 'operator', 'admin'] as const) : [])
      await daemon.call(ROUTES.addUser, { name: role, role, password: PASSWORD })
    await stage.#untilServed()
    return stage
  }

  /** A first start builds the console beside, and serves the one before meanwhile. */
  async #untilServed(): Promise<void> {
    const isBuilding = this.daemon.log.some(({ message, does }) => message === 'console' && does === BUILDS)
    if (isBuilding)
      await this.daemon.until(({ message, does }) => message === 'console' && does !== BUILDS, 60)
    const { status } = await fetch(this.base, { headers: { accept: 'text/html' } })
    assert.equal(status, 200, JSON.stringify(this.daemon.log))
  }

  /** A page of a browser that nobody else uses, of somebody who has logged in; `undefined`: of nobody. */
  async visit(t: TestContext, role: Role | undefined, path: string, how: Visit = {}): Promise<Page> {
    const { theme = 'light', width = 1280, height = 900 } = how
    const context = await this.browser.newContext({
      ...{ viewport: { width, height }, colorScheme: theme, baseURL: this.base },
    })
    t.after(() => context.close())
    if (role !== undefined) await context.addCookies(await this.#cookiesOf(role, context))
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    await page.goto(path)
    return page
  }

  async #cookiesOf(role: Role, context: BrowserContext) {
    const known = this.#cookies.get(role)
    if (known !== undefined) return known
    const answer = await context.request.post('/api/v1/session', { data: { name: role, password: PASSWORD } })
    if (!answer.ok()) throw new Error(`${role} may not log in: ${await answer.text()}`)
    const cookies = await context.cookies()
    this.#cookies.set(role, cookies)
    return cookies
  }

  /** Exports a flood on the victim, 50,000 packets a second, until it is told to stop. */
  flood(t: TestContext): () => Promise<void> {
    let isGoing = true
    const going = (async () => {
      const records = Array.from({ length: 5 }, () => record5({ packets: 10, bytes: 5000, ...short }))
      while (isGoing) {
        await this.#sender.send(netflow5(records, { sampling: 100, sequence: this.#sequence }))
        this.#sequence += records.length
        await sleep(EVERY_MS)
      }
    })()
    // A test that fails ends its socket before anything else: what is sent then goes nowhere.
    going.catch(() => {})
    const stop = async () => {
      isGoing = false
      await going
    }
    t.after(() => stop().catch(() => {}))
    return stop
  }

  /** The id of an attack on the victim, which is open when this settles. */
  async attack(): Promise<string> {
    for (;;) {
      const { attacks } = await this.daemon.call(ROUTES.attacks, { state: 'open' })
      const [found] = attacks
      if (found !== undefined) return found.id
      await sleep(EVERY_MS)
    }
  }

  /** Ends the daemon and starts it again in the same place. */
  async restart(meanwhile: () => Promise<void>): Promise<void> {
    await this.daemon.stop()
    await meanwhile()
    this.daemon = await RunningDaemon.start(this.#plan)
  }
}

const settings = (
  telemetry: number,
  port: number,
  more: string,
): string => `networks: [10.99.1.0/24, 2001:db8:99::/48]
capture: { method: off }
telemetry: { listen: ['127.0.0.1:${telemetry}'] }
metrics: { listen: off }
api: { listen: '127.0.0.1:${port}' }
detection:
  banSeconds: 3
  holdSeconds: 1
  thresholds: { incoming: { packetsPerSecond: 20000 } }
${more}
`

/** What a person sees or does, by its words. */
export type Scene = (t: TestContext, stage: ConsoleStage) => Promise<void>

/** Plays one scene after the other, each a test of its own. */
export async function playScenes(
  t: TestContext,
  stage: ConsoleStage,
  scenes: Readonly<Record<string, Scene>>,
): Promise<void> {
  for (const [name, scene] of Object.entries(scenes)) await t.test(name, within => scene(within, stage))
}

/** Keeps a picture of the page under a name. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true, animations: 'disabled' })
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong by WCAG 2.2 A and AA and its own best practices: rule, and where. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found: unknown = await page.evaluate(`axe
    .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary)))`)
  return Array.isArray(found) ? found.map(String) : []
}

/** What the browser complains of: errors of scripts, and what the content security policy kept it from. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`)
  })
  return complaints
}

// The console in a real browser, over a real daemon: what a person sees and does. Mitigations, rules and
// settings are in console-control.test.ts.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { EXAMPLE_STATUS } from '#api/contract/examples.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { followsAnAttack, looksAtAHost, readsTheReport } from './attack-scenes.ts'
import {
  axeViolations,
  ConsoleStage,
  complaintsOf,
  PASSWORD,
  picture,
  playScenes,
  type Scene,
  VICTIM,
} from './console-stage.ts'
import { controlSettings } from './control-scenes.ts'
import { KernelOfItsOwn } from './kernel-of-its-own.ts'
import { NOTIFY_SCENES, NOTIFY_SETTINGS } from './notify-scenes.ts'
import { pathOf, registeredPages } from './registered-pages.ts'

/** One after the other: they share the daemon, and what is done to it. */
const SCENES: Readonly<Record<string, Scene>> = {
  'whoever logs in comes to where he wanted to go': logsIn,
  'an attack is seen live, with what is done, and so is its end': seesAnAttack,
  'an attack is followed from the list to its last byte, kept, and ended': followsAnAttack,
  'its incident report is read, saved and printed': readsTheReport,
  'a host is searched: its thresholds, its attacks, and what others would have done': looksAtAHost,
  'every page is readable for everybody, in light and dark, on a desk and on a phone': readsEveryPage,
  'all of it by keyboard': goesByKeyboard,
  'a table of thousands of rows is walked by keys, sorted and saved': walksATable,
  'whoever may only look is refused by the daemon, and not shown what he may not': mayOnlyLook,
  'a daemon that was away is told to be, and what is shown is of now when it is back': seesADaemonReturn,
  ...NOTIFY_SCENES,
  'a session that ends is told, and goes on where it was': seesASessionEnd,
}

test('the console in Chromium', async t => {
  const { program } = new KernelOfItsOwn(t)
  const stage = await ConsoleStage.open(t, { more: controlSettings(program) + NOTIFY_SETTINGS })
  if (stage !== undefined) await playScenes(t, stage, SCENES)
})

async function logsIn(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, undefined, '/daemon?x=1')
  const form = page.locator('form')

  await page.getByLabel('Name').fill('viewer')
  await page.getByLabel('Password').fill('wrong horse')
  await form.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('alert').waitFor()
  const wrong = await page.getByRole('alert').innerText()
  assert.deepEqual(await axeViolations(page), [])
  await picture(page, 'login')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Daemon' }).waitFor()

  assert.match(wrong, /Name and password do not belong together/)
  assert.equal(new URL(page.url()).pathname, '/daemon')
}

async function seesAnAttack(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'operator', '/')
  const complaints = complaintsOf(page)
  await page.getByText('No attack', { exact: true }).waitFor()
  await page.getByText('Live', { exact: true }).waitFor()

  const stop = stage.flood(t)
  await page.getByText('1 attack', { exact: true }).waitFor()
  const row = page.getByRole('row').filter({ hasText: VICTIM }).first()
  await row.waitFor()
  const text = await row.innerText()
  await page
    .locator('.tiles')
    .filter({ hasText: /[1-9][\d.]* Mbit\/s/ })
    .waitFor()
  await picture(page, 'overview-under-attack')
  await stop()
  await page.getByText('No attack', { exact: true }).waitFor()

  assert.match(text, /incoming/)
  assert.deepEqual(complaints, [])
}

async function readsEveryPage(t: TestContext, stage: ConsoleStage): Promise<void> {
  stage.flood(t)
  await stage.attack()
  // What colours do wrong shows at any width, and what a narrow window does in any colours.
  const looks = [
    { name: 'desk', theme: 'light', width: 1280 },
    { name: 'phone', theme: 'dark', width: 390 },
  ] as const
  const pages = await registeredPages()
  // Beside each other: most of the time is waiting for answers.
  await Promise.all(
    looks.map(async ({ name, ...how }) => {
      const page = await stage.visit(t, 'admin', '/', how)
      const complaints = complaintsOf(page)
      for (const registered of pages) {
        await page.goto(await pathOf(registered, stage))
        await settled(page, registered.title)
        await picture(page, `${name}${registered.path.replace(/[/:]+/g, '-')}`)
        assert.deepEqual(await axeViolations(page), [], `${name} ${registered.path}`)
        assert.equal(await overflow(page), 0, `${name} ${registered.path} is wider than the window`)
      }
      assert.deepEqual(complaints, [])
    }),
  )
}

async function goesByKeyboard(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'viewer', '/')
  await settled(page, 'Overview')

  await page.keyboard.press('Tab')
  const first = await focused(page)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('daem')
  await page.keyboard.press('Enter')
  await settled(page, 'Daemon')
  const heading = await focused(page)
  await page.keyboard.press('g')
  await page.keyboard.press('o')
  await settled(page, 'Overview')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  assert.deepEqual(await axeViolations(page), [])
  await page.keyboard.press('Escape')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' })
  await page.keyboard.press('Control+k')
  assert.deepEqual(await axeViolations(page), [])

  assert.equal(first, 'To the content')
  assert.equal(heading, 'Daemon')
}

async function walksATable(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'viewer', '/')
  const worker = EXAMPLE_STATUS.capture[0]
  const capture = Array.from({ length: 10_000 }, (_, at) => ({
    ...worker,
    worker: at,
    interface: `=eth${at}`,
  }))
  await page.route('**/api/v1/status', route => route.fulfill({ json: { ...EXAMPLE_STATUS, capture } }))
  await page.goto('/daemon')
  await settled(page, 'Daemon')
  const table = page.getByRole('table', { name: 'Capture workers' })

  await table.getByRole('button', { name: 'Worker' }).click()
  await table.locator('tbody tr[data-row="0"]').focus()
  await page.keyboard.press('End')
  await table.locator('tr[data-row="9999"]:focus').waitFor()
  await page.keyboard.press('ArrowUp')
  await table.locator('tr[data-row="9998"]:focus').waitFor()
  const focusedRow = await focused(page)
  const drawn = await table.getByRole('row').count()
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as CSV' }).click()
  const csv = readFileSync(await (await saving).path(), 'utf8').split('\r\n')

  assert.match(String(focusedRow), /^1=eth1up/)
  assert.equal(await table.getAttribute('aria-rowcount'), '10001')
  assert.ok(drawn < 100, `${drawn} rows are in the page`)
  assert.equal(csv.length, 10_002)
  assert.match(csv[1] ?? '', /^9999,'=eth9999,/)
}

async function mayOnlyLook(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'viewer', '/')
  await settled(page, 'Overview')

  const { csrfToken }: { csrfToken: string } = await (await page.request.get('/api/v1/session')).json()
  const headers = { 'x-csrf-token': csrfToken, origin: stage.base }
  const refused = await page.request.post('/api/v1/bans', { headers, data: { host: VICTIM } })
  const shown = await page.locator('nav a').allInnerTexts()

  assert.equal(refused.status(), 403)
  const hidden = (await registeredPages()).filter(({ needs }) => needs.some(name => name === 'users'))
  for (const { title } of hidden) assert.ok(!shown.includes(title), title)
}

async function seesADaemonReturn(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'operator', '/')
  await page.getByText('Live', { exact: true }).waitFor()

  await stage.restart(async () => {
    await page.getByText('Out of date', { exact: true }).waitFor()
    await picture(page, 'stale')
  })
  await page.getByText('Live', { exact: true }).waitFor()
  stage.flood(t)
  await page.getByText('1 attack', { exact: true }).waitFor()
  await page.getByRole('row').filter({ hasText: VICTIM }).first().waitFor()
}

async function seesASessionEnd(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'viewer', '/daemon')
  await settled(page, 'Daemon')

  await stage.daemon.call(ROUTES.setPassword, { name: 'viewer', password: `${PASSWORD} 2` })
  await page.getByText('Your session has ended.').waitFor()
  await page.getByLabel('Name').fill('viewer')
  await page.getByLabel('Password').fill(`${PASSWORD} 2`)
  await page.keyboard.press('Enter')

  await settled(page, 'Daemon')
}

/** The page of this title is there, with what it asked the daemon for. */
async function settled(page: Page, title: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
  await page.waitForLoadState('networkidle')
}

/** Pixels that the page is wider than the window. */
const overflow = (page: Page): Promise<unknown> =>
  page.evaluate('Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)')

const focused = (page: Page): Promise<unknown> => page.evaluate('document.activeElement.textContent.trim()')

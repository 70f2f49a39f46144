// Scenes of the gravest orders: arming, blocking on this machine, rules of a template, a reload, and panic, which takes all back.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { ROUTES } from '#api/contract/routes.ts'
import { until } from '../until.ts'
import { axeViolations, type ConsoleStage, complaintsOf, picture, type Scene } from './console-stage.ts'
import type { KernelOfItsOwn } from './kernel-of-its-own.ts'

const SENDER = '192.0.2.77'
const SERVER = '10.99.1.40'

export const armingScenes = (kernel: KernelOfItsOwn): Readonly<Record<string, Scene>> => ({
  'armed by hand it blocks and unblocks in the kernel, rules are made, settings read again, and panic takes all back':
    (t, stage) => armsAndPanics(t, stage, kernel),
})

async function armsAndPanics(t: TestContext, stage: ConsoleStage, kernel: KernelOfItsOwn): Promise<void> {
  if (!(await kernel.begin(t))) return
  const page = await stage.visit(t, 'admin', '/protection')
  const complaints = complaintsOf(page)

  await arms(page, stage)
  await blocks(page, kernel)
  await presets(page, stage)
  await makesRules(page, stage)
  await readsAgain(page, stage)
  await panics(page, stage, kernel)

  assert.deepEqual(complaints, [])
}

async function arms(page: Page, stage: ConsoleStage): Promise<void> {
  await page.getByRole('link', { name: 'Dry run' }).click()
  await page.getByRole('button', { name: 'Panic: take everything back …' }).click()
  const panic = page.getByRole('dialog', { name: 'Panic' })
  await panic.getByLabel('This is meant').check()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Arm …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Arm' })
  await dialog.getByLabel('Reason').fill('the change of tonight')
  const isShut = await dialog.getByRole('button', { name: 'Arm', exact: true }).isDisabled()
  await dialog.getByLabel('This is meant').check()
  assert.deepEqual(await axeViolations(page), [])
  await picture(page, 'arming')
  await dialog.getByRole('button', { name: 'Arm', exact: true }).click()
  await page.getByRole('link', { name: 'Armed' }).waitFor()

  assert.ok(isShut, 'what was ticked for something else is no yes to this')
  assert.equal((await stage.daemon.call(ROUTES.arming, {})).armed, true)
}

async function blocks(page: Page, kernel: KernelOfItsOwn): Promise<void> {
  await page.goto('/protection/web')
  await page.getByRole('button', { name: 'Switch profile …' }).click()
  const dialog = page.getByRole('dialog', { name: /^Switch web/ })
  await dialog.getByLabel('Reason').fill('scanners')
  await dialog.getByRole('button', { name: 'Switch it' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText('in place', { exact: true }).waitFor()

  await page.getByRole('button', { name: 'Block …', exact: true }).click()
  const block = page.getByRole('dialog', { name: 'Block sources at web' })
  await block.getByLabel('Sources').fill(SENDER)
  await block.getByLabel('For').fill('10m')
  await block.getByLabel('Reason').fill('scanners')
  await block.getByRole('button', { name: 'Block', exact: true }).click()
  const row = page
    .getByRole('table', { name: 'Blocked sources' })
    .getByRole('row')
    .filter({ hasText: SENDER })
  await row.waitFor()
  const during = await kernel.ruleset()
  await row.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Unblock 1 …' }).click()
  const unblock = page.getByRole('dialog', { name: 'Unblock 1 source' })
  await unblock.getByRole('button', { name: 'Unblock', exact: true }).click()
  await row.waitFor({ state: 'hidden' })
  const after = await kernel.ruleset()

  assert.ok(during.includes(SENDER), during)
  assert.ok(!after.includes(SENDER) && after.includes('table inet floodwarden_protect'), after)
}

async function presets(page: Page, stage: ConsoleStage): Promise<void> {
  await page.goto('/protection/mail')
  await page.getByRole('button', { name: 'Usual countermeasures …' }).click()
  const dialog = page.getByRole('dialog', { name: 'The usual countermeasures of mail' })
  await dialog.getByText('mail: acl: drop icmp').waitFor()
  await dialog.getByLabel('Reason').fill('as everywhere')
  assert.deepEqual(await axeViolations(page), [])
  await dialog.getByRole('button', { name: 'Write them' }).click()
  await page.getByRole('cell', { name: 'source-limit', exact: true }).waitFor()

  const { countermeasures } = await stage.daemon.call(ROUTES.protectionProfile, { id: 'mail' })
  assert.deepEqual(
    countermeasures.map(({ name, mode }) => `${name} ${mode}`),
    ['temporary-blacklist on', 'acl off', 'source-limit off'],
  )
  assert.match(readFileSync(stage.config, 'utf8'), /# pays well/)
}

async function makesRules(page: Page, stage: ConsoleStage): Promise<void> {
  await page.goto('/rules')
  await page.getByRole('button', { name: 'From a template …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Rules of a template' })
  await dialog.getByLabel('Server').fill(SERVER)
  await dialog.getByLabel('Ends in').fill('1h')
  await dialog.getByLabel('Reason').fill('a new server')
  await dialog.getByRole('button', { name: 'Make them' }).click()
  const told = await dialog.getByText(/^\d+ of \d+ rules are made\.$/).innerText()
  await page.keyboard.press('Escape')
  await page.getByRole('row').filter({ hasText: SERVER }).first().waitFor()
  const { rules } = await stage.daemon.call(ROUTES.rules, { state: 'live' })

  const [made, all] = told.match(/\d+/g) ?? []
  assert.ok(Number(made) > 0 && made === all, told)
  assert.equal(rules.filter(({ target }) => target.startsWith(SERVER)).length, Number(made))
}

async function readsAgain(page: Page, stage: ConsoleStage): Promise<void> {
  const text = readFileSync(stage.config, 'utf8')
  writeFileSync(stage.config, text.replace('packetsPerSecond: 20000', 'packetsPerSecond: 25000'))
  const path = 'detection.thresholds.incoming.packetsPerSecond'
  await page.goto(`/settings?c-find=${path}`)
  const setting = page.getByRole('row').filter({ hasText: path })
  await setting.getByText('20000').waitFor()
  await page.getByRole('button', { name: 'Read it again' }).click()
  await page.getByText('It was read again.').waitFor()
  await setting.getByText('25000').waitFor()
  writeFileSync(stage.config, text)
  await page.getByRole('button', { name: 'Read it again' }).click()
  await setting.getByText('20000').waitFor()
}

async function panics(page: Page, stage: ConsoleStage, kernel: KernelOfItsOwn): Promise<void> {
  await page.getByRole('button', { name: 'Panic: take everything back …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Panic' })
  await dialog.getByLabel('Reason').fill('it hits the wrong ones')
  await dialog.getByLabel('This is meant').check()
  await dialog.getByRole('button', { name: 'Take everything back' }).click()
  await page.getByText(/rules are taken back/).waitFor()
  await page.getByRole('link', { name: 'Dry run' }).waitFor()
  await until(async () => (await kernel.ruleset()) === '')
  const { rules } = await stage.daemon.call(ROUTES.rules, { state: 'live' })

  assert.equal((await stage.daemon.call(ROUTES.arming, {})).armed, false)
  assert.deepEqual(rules, [])
}

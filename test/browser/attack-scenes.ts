// Scenes about attacks and hosts: from the list to the last byte, and what another threshold would have done.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { axeViolations, type ConsoleStage, complaintsOf, picture, VICTIM } from './console-stage.ts'

export async function followsAnAttack(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'operator', '/attacks?state=open')
  const complaints = complaintsOf(page)
  await page.getByText('There is no attack of this kind.').waitFor()

  const stop = stage.flood(t)
  await page.getByRole('link', { name: VICTIM }).click()
  await page.getByRole('heading', { level: 1, name: 'Attack', exact: true }).waitFor()
  await page.getByText('limit of packets').waitFor()
  await page.getByRole('heading', { name: /^Its packets, / }).waitFor()
  await page.getByRole('table', { name: 'Sources' }).getByRole('row').nth(1).waitFor()
  await page.getByText(/collected as evidence/).waitFor()
  await page.getByText(/^0000 {2}[0-9a-f ]+/).waitFor()
  await picture(page, 'attack-open')
  assert.deepEqual(await axeViolations(page), [])
  const saved = await download(page, () => page.getByRole('button', { name: 'Save as JSON' }).click())
  const capture = await download(page, () => page.getByRole('link', { name: 'Save as pcap' }).click())
  await page.getByRole('button', { name: 'End it …' }).click()
  await page.getByRole('button', { name: 'End it', exact: true }).click()
  await page.getByText('ended', { exact: true }).first().waitFor()
  await stop()

  assert.equal(JSON.parse(saved.toString('utf8')).attack.host, VICTIM)
  assert.equal(capture.readUInt32LE(0), 0xa1b2c3d4)
  assert.match(await page.getByText(/somebody ended it/).innerText(), /ended: somebody ended it/)
  assert.deepEqual(complaints, [])
}

export async function readsTheReport(t: TestContext, stage: ConsoleStage): Promise<void> {
  stage.flood(t)
  const id = await stage.attack()
  const page = await stage.visit(t, 'viewer', `/attacks/${id}`)

  await page.getByRole('link', { name: 'Incident report' }).click()
  const report = page.getByRole('article')
  await report.getByRole('heading', { name: `Incident report: attack on ${VICTIM}` }).waitFor()
  const text = await download(page, () => page.getByRole('button', { name: 'Save as text' }).click())
  await page.emulateMedia({ media: 'print' })
  const isPrinted = await page.getByRole('button', { name: 'Print' }).isHidden()
  await picture(page, 'incident-report')

  assert.match(await report.innerText(), /Why it was an attack/)
  assert.match(text.toString('utf8'), new RegExp(`Target +${VICTIM}`))
  assert.equal(isPrinted, true, 'buttons are not printed')
}

export async function looksAtAHost(t: TestContext, stage: ConsoleStage): Promise<void> {
  stage.flood(t)
  const page = await stage.visit(t, 'viewer', '/hosts')
  const complaints = complaintsOf(page)

  await page
    .getByRole('table', { name: 'Hosts with the most incoming traffic' })
    .getByText(VICTIM)
    .first()
    .waitFor()
  await page.getByLabel('Any address').fill('10.99.1.x')
  await page.getByText('This is no address.').waitFor()
  await page.getByLabel('Any address').fill(VICTIM)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Host', exact: true }).waitFor()
  const limits = page.getByRole('table', { name: `Thresholds of ${VICTIM}` })
  await limits.getByText('20 kpackets/s').first().waitFor()
  await limits.getByText('configured for all hosts').first().waitFor()
  await page.getByText(`Traffic of host ${VICTIM}`).waitFor()
  await page
    .getByRole('table', { name: `Attacks on ${VICTIM}` })
    .getByRole('row')
    .nth(1)
    .waitFor()
  await page.getByRole('slider', { name: 'Threshold' }).fill('0')
  await page.getByText(/would have come, \d+ of them for sure/).waitFor()
  await page.getByRole('slider', { name: 'Threshold' }).fill('400')
  await page.getByText('No ban').waitFor()
  await picture(page, 'host')

  assert.deepEqual(complaints, [])
}

/** The bytes of what is downloaded. */
async function download(page: Page, act: () => Promise<void>): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent('download'), act()])
  return readFileSync(await file.path())
}

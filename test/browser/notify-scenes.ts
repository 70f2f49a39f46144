// Who is told, seen and tried in a browser: one destination that nobody answers for, and one that can never be reached.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { axeViolations, type ConsoleStage, complaintsOf } from './console-stage.ts'

/** The address of `hook` is no address: what it is told becomes a dead letter. */
export const NOTIFY_SETTINGS = `
notify:
  grouping: { waitSeconds: 0 }
  destinations:
    siem: { type: syslog, server: "127.0.0.1:9", transport: tcp, events: [ended] }
    hook: { type: generic, url: { env: PATH }, events: [opened] }
  routes:
    - { to: [hook, siem] }
`

export const NOTIFY_SCENES = {
  'a destination is tested and previewed, and dead letters are sent again and discarded': testsDestinations,
}

async function testsDestinations(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'admin', '/notifications')
  const complaints = complaintsOf(page)
  const hook = page.getByRole('row').filter({ hasText: 'hook' }).first()

  await hook.getByRole('button', { name: 'Test hook' }).click()
  await page.getByText('Test message: hook: it is no URL.').waitFor()
  await page.getByText('everything: to hook and siem').waitFor()
  await page.getByRole('button', { name: 'Preview' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Destination').selectOption('siem')
  await dialog.getByLabel('Event').selectOption('ended')
  await dialog.getByLabel('Title').fill('{{target')
  await dialog.getByRole('button', { name: 'Show' }).click()
  await page.getByText('line 1, column 1: {{ has no }}').first().waitFor()
  await dialog.getByLabel('Title').fill('{{target}} is calm')
  await dialog.getByRole('button', { name: 'Show' }).click()
  await dialog.getByText('floodwarden@32473').waitFor()
  await dialog.getByText('192.0.2.1 is calm').first().waitFor()
  assert.deepEqual(await axeViolations(page), [])
  await page.keyboard.press('Escape')

  // Attacks of the scenes before were told in vain.
  const letter = page.getByRole('row').filter({ hasText: 'refused for ever: it is no URL' }).first()
  await letter.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Send again' }).click()
  await page.getByText('1 sent again.').waitFor()
  await page
    .getByRole('row')
    .filter({ hasText: 'refused for ever: it is no URL' })
    .first()
    .getByRole('checkbox')
    .check()
  await page.getByRole('button', { name: 'Discard' }).click()
  await page.getByText('1 discarded.').waitFor()

  // What was refused is told as a failed request, and that alone.
  assert.deepEqual(
    complaints.filter(text => !/400/.test(text)),
    [],
  )
}

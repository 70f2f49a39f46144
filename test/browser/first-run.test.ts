// The first run in a real browser: from the link in its file to a daemon that watches what it is told to.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { axeViolations, ConsoleStage, complaintsOf, PASSWORD, picture } from './console-stage.ts'

test('the set-up link leads to a daemon that watches, and works once', { timeout: 180_000 }, async t => {
  const stage = await ConsoleStage.open(t, { hasUsers: false })
  if (stage === undefined) return
  const file = join(stage.daemon.state, 'setup-link')
  const told = await stage.daemon.until(line => line.message.includes('set-up link'))
  const link = readFileSync(file, 'utf8').trim()
  stage.flood(t)
  const page = await stage.visit(t, undefined, link)
  const complaints = complaintsOf(page)

  await page.getByLabel('Name').fill('ann')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('Password again').fill(PASSWORD)
  assert.deepEqual(await axeViolations(page), [])
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByLabel('Networks').fill('nonsense')
  await page.getByRole('button', { name: 'Watch these' }).click()
  await page.getByText('expected an address such as').waitFor()
  await page.getByLabel('Networks').fill('10.99.1.0/24\n10.99.2.0/24')
  await page.getByRole('button', { name: 'Watch these' }).click()
  await page.getByText('flow records arrive').waitFor()
  await picture(page, 'first-run-feed')
  await page.getByRole('button', { name: 'Leave as it is' }).click()
  await page.getByRole('button', { name: 'Take the suggestion' }).click()
  await picture(page, 'first-run-limits')
  await page.getByRole('button', { name: 'Use these limits' }).click()
  await page.getByText('Attacks are found, explained and told').waitFor()
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('button', { name: 'Attack it on paper' }).click()
  await page.getByRole('cell', { name: '0 s', exact: true }).waitFor()
  assert.deepEqual(await axeViolations(page), [])
  await picture(page, 'first-run-test-attack')
  const { settings } = await stage.daemon.call(ROUTES.configuration, {})
  const second = await stage.visit(t, undefined, link)
  await second.getByLabel('Name').fill('eve')
  await second.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await second.getByLabel('Password again').fill(PASSWORD)
  await second.getByRole('button', { name: 'Go on' }).click()
  await second.getByText('The set-up link is not valid.').waitFor()

  assert.equal(told['file'], file)
  assert.deepEqual(settings['networks'], ['10.99.1.0/24', '10.99.2.0/24'])
  const limit = Number(/packetsPerSecond: (\d+)/.exec(readFileSync(stage.config, 'utf8'))?.[1])
  assert.ok(limit >= 30_000, `three times a flood that is measured, not ${limit}`)
  assert.equal(existsSync(file), false)
  assert.equal(new URL(page.url()).hash, '')
  assert.deepEqual(
    complaints.filter(line => !/status of 40[01]/.test(line)),
    [],
  )
})

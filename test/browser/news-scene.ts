// The scene about what is shown as it happens.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { axeViolations, type ConsoleStage, complaintsOf, picture } from './console-stage.ts'

const TARGET = '10.99.1.6'

export async function hearsTheNews(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'viewer', '/news')
  const complaints = complaintsOf(page)
  const news = page.getByRole('status').filter({ hasText: TARGET })
  const order = async () =>
    await stage.daemon.call(ROUTES.order, {
      ...{ target: TARGET, protocol: 17, ports: [53], action: 'discard', ttlSeconds: 600, reason: 'a test' },
    })

  const idOf = ({ mitigations }: Awaited<ReturnType<typeof order>>) => mitigations[0]?.id ?? ''

  await page.getByLabel('Show in this browser what happens').check()
  await page.getByLabel('Somebody ended it').uncheck()
  await page.getByLabel('Nothing in quiet hours').check()
  const isKept = page.waitForResponse(response => /"to":7\b/.test(response.request().postData() ?? ''))
  await page.getByLabel('Until').selectOption('7')
  await isKept
  await page.reload()
  // The page is there before what its reader prefers.
  await page.getByLabel('Until').waitFor()
  const isShown = await page.getByLabel('Somebody ended it').isChecked()
  const until = await page.getByLabel('Until').inputValue()
  await page.getByLabel('Nothing in quiet hours').uncheck()
  await page.getByLabel('From').waitFor({ state: 'detached' })
  await page.getByText('Live', { exact: true }).waitFor()
  const first = await order()
  await news.getByText('something would be done').waitFor()
  await picture(page, 'news')
  const violations = await axeViolations(page)
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await stage.daemon.call(ROUTES.withdraw, { id: idOf(first), reason: 'over' })
  // What was muted would have been heard before what comes now.
  const second = await order()
  await news.getByText('something would be done').waitFor()
  const shown = await news.innerText()
  await stage.daemon.call(ROUTES.withdraw, { id: idOf(second), reason: 'over' })

  assert.deepEqual([isShown, until], [false, '7'])
  assert.match(shown, /Dry run: it would /)
  assert.doesNotMatch(shown, /taken back/)
  assert.deepEqual([violations, complaints], [[], []])
}

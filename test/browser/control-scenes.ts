// Scenes of who acts by the console: mitigations and rules by hand, sections of the configuration, tokens, and who may not.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { ROUTES } from '#api/contract/routes.ts'
import { axeViolations, type ConsoleStage, complaintsOf, picture, type Scene } from './console-stage.ts'

/** Beside what the stage sets: something to act with, in a dry run, and sections to write. `nft`: the program. */
export const controlSettings = (nft: string): string => `enforcement: { gobgp: { address: '127.0.0.1:1' } }
inventory:
  customers:
    - { id: acme, prefixes: [10.99.1.0/28] } # pays well
protection:
  nftables: { hook: forward, program: ${nft} }
  profiles:
    web:
      prefixes: [10.99.1.16/28]
      countermeasures:
        acl: { rules: [{ verdict: drop, match: protocol =icmp }] }
        source-limit: { packetsPerSecond: 100 }
        temporary-blacklist: {}
    mail: { prefixes: [10.99.1.32/29] }
playbooks:
  - name: acme
    match: { customers: [acme] }
    steps:
      - { name: limit, actions: [{ kind: rate-limit, bitsPerSecond: 5000000 }] }
`

const TARGET = '10.99.1.5'

export const CONTROL_SCENES = {
  'a mitigation is ordered by hand with a preview for each router, and taken back': ordersByHand,
  'a playbook with a bad value is refused with its place, and written once it is right': editsAPlaybook,
  'a countermeasure is previewed and switched to monitor mode': protects,
  'an exporter tells the traffic of its interfaces': seesInterfaces,
  'a token is shown once, and the audit says who made it': makesAToken,
  'whoever may only look is offered nothing to act with, and refused': isOfferedNothing,
} satisfies Record<string, Scene>

async function ordersByHand(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'operator', '/mitigations')
  const complaints = complaintsOf(page)

  await page.getByRole('button', { name: 'Order by hand' }).click()
  const dialog = page.getByRole('dialog', { name: 'Mitigation by hand' })
  await dialog.getByLabel('Target', { exact: true }).fill(TARGET)
  await dialog.getByLabel('Ports of the target').fill('53')
  await dialog.getByLabel('To', { exact: true }).fill('1M')
  await dialog.getByLabel('Reason').fill('ticket 4711')
  const routers = dialog.getByRole('table', { name: 'The rule for each router' })
  await routers.waitFor()
  const [told, slx] = [
    await dialog.getByLabel('Rule', { exact: true }).innerText(),
    await routers.getByRole('row', { name: /SLX/ }).innerText(),
  ]
  assert.deepEqual(await axeViolations(page), [])
  await picture(page, 'mitigation-preview')
  await dialog.getByRole('button', { name: 'Order it' }).click()
  await dialog.waitFor({ state: 'hidden' })

  const row = page.getByRole('row').filter({ hasText: TARGET })
  await row.waitFor()
  await row.getByRole('checkbox').check()
  await page.getByRole('button', { name: /^Withdraw 1/ }).click()
  const confirm = page.getByRole('dialog', { name: 'Withdraw 1 mitigation' })
  const isBlind = await confirm.getByRole('button', { name: 'Withdraw' }).isDisabled()
  await confirm.getByLabel('Reason').fill('over')
  await confirm.getByRole('button', { name: 'Withdraw' }).click()
  await row.waitFor({ state: 'hidden' })
  const { mitigations } = await stage.daemon.call(ROUTES.mitigations, { target: TARGET })

  assert.match(told, /destination 10\.99\.1\.5\/32 protocol =udp destination-port =53 then rate 125000/)
  assert.match(slx, /lets more pass[\s\S]*rounded up/)
  assert.ok(isBlind, 'nothing is withdrawn without a reason')
  assert.deepEqual(
    mitigations.map(({ state }) => state),
    ['withdrawn'],
  )
  assert.deepEqual(complaints, [])
}

async function editsAPlaybook(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'admin', '/playbooks?view=yaml')
  const editor = page.getByLabel('playbooks as YAML')
  await editor.waitFor()
  const before = readFileSync(stage.config, 'utf8')
  const text = await editor.inputValue()

  await editor.fill(text.replace('5000000', 'plenty'))
  await page.getByText('The daemon would refuse it.').waitFor()
  const problem = await page.getByRole('listitem').filter({ hasText: 'bitsPerSecond' }).innerText()
  assert.deepEqual(await axeViolations(page), [])
  await picture(page, 'playbook-refused')
  await page.getByRole('button', { name: 'See what changes' }).click()
  const dialog = page.getByRole('dialog', { name: /Write playbooks/ })
  await dialog.getByText('The daemon would refuse it; nothing is written.').waitFor()
  const isShut = await dialog.getByRole('button', { name: 'Write it' }).isDisabled()
  await page.keyboard.press('Escape')
  const meanwhile = readFileSync(stage.config, 'utf8')

  await editor.fill(text.replace('5000000', '7000000'))
  await page.getByRole('button', { name: 'See what changes' }).click()
  const diff = dialog.getByRole('region', { name: 'What changes' })
  await diff.waitFor()
  const changed = await diff.innerText()
  await dialog.getByLabel('Reason').fill('more room')
  await dialog.getByRole('button', { name: 'Write it' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'History' }).click()
  await page.getByRole('row').filter({ hasText: 'more room' }).waitFor()

  assert.match(problem, /line \d+, column \d+[\s\S]*playbooks\[0\]\.steps\[0\]\.actions\[0\]\.bitsPerSecond/)
  assert.ok(isShut)
  assert.equal(meanwhile, before)
  assert.match(changed, /removed:[\s\S]*5000000[\s\S]*added:[\s\S]*7000000/)
  const written = readFileSync(stage.config, 'utf8')
  assert.match(written, /7000000/)
  assert.match(written, /# pays well/)
}

async function protects(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'operator', '/protection/web')
  const row = page.getByRole('row').filter({ hasText: 'source-limit' }).first()
  await row.getByRole('checkbox').check()

  await page.getByRole('button', { name: 'Switch …' }).last().click()
  const dialog = page.getByRole('dialog', { name: /Switch web source-limit/ })
  await dialog.getByLabel('To', { exact: true }).selectOption('monitor')
  await dialog.getByLabel('Reason').fill('a look first')
  assert.deepEqual(await axeViolations(page), [])
  await picture(page, 'protection-switch')
  await dialog.getByRole('button', { name: 'Switch it' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await row.getByRole('cell', { name: 'monitor', exact: true }).waitFor()

  const { countermeasures } = await stage.daemon.call(ROUTES.protectionProfile, { id: 'web' })
  const limit = countermeasures.find(({ name }) => name === 'source-limit')
  assert.deepEqual([limit?.mode, limit?.holders.map(({ who }) => who)], ['monitor', ['user:operator']])
}

async function seesInterfaces(t: TestContext, stage: ConsoleStage): Promise<void> {
  stage.flood(t)
  const page = await stage.visit(t, 'viewer', '/exporters')
  await page.getByRole('link', { name: '127.0.0.1' }).click()

  const table = page.getByRole('table', { name: 'Interfaces of 127.0.0.1' })
  await table
    .getByRole('row')
    .filter({ hasText: /[1-9][\d.]* Mbit\/s/ })
    .first()
    .waitFor()
  const { interfaces } = await stage.daemon.call(ROUTES.interfaces, { address: '127.0.0.1' })

  const [input, output] = interfaces
  assert.equal(interfaces.length, 2)
  assert.ok((input?.incoming.packets ?? 0) > 0 && input?.outgoing.packets === 0)
  assert.ok((output?.outgoing.bitsPerSecond ?? 0) > 1e6)
}

async function makesAToken(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'admin', '/users')

  await page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog', { name: 'New token' })
  await dialog.getByLabel('Name').fill('billing')
  await dialog.getByRole('button', { name: 'Make it' }).click()
  const token = await dialog.getByLabel('Token', { exact: true }).innerText()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('row').filter({ hasText: 'billing' }).waitFor()
  const isGone = !(await page.content()).includes(token)
  await page.goto('/audit?what=add-token')
  await page.getByRole('row').filter({ hasText: 'billing' }).waitFor()
  await page.getByRole('button', { name: 'Verify the chain' }).click()
  await page.getByText('The audit is what was written.').waitFor()

  assert.match(token, /^fwt_/)
  assert.ok(isGone, 'it is shown this once')
  const answer = await fetch(`${stage.base}/api/v1/status`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(answer.status, 200)
}

async function isOfferedNothing(t: TestContext, stage: ConsoleStage): Promise<void> {
  const page = await stage.visit(t, 'viewer', '/mitigations')
  const acts = /Order|Withdraw|Extend|New |Add |Write|Arm|Panic|Read it again/
  const offered: string[] = []
  for (const path of ['/mitigations', '/rules', '/safelist', '/playbooks', '/settings']) {
    await page.goto(path)
    await settled(page)
    const names = await page.locator('main').getByRole('button').allInnerTexts()
    offered.push(...names.filter(name => acts.test(name)).map(name => `${path} ${name}`))
  }
  await page.goto('/users')
  await page.getByText('You may not see this page.').waitFor()

  const { csrfToken }: { csrfToken: string } = await (await page.request.get('/api/v1/session')).json()
  const headers = { 'x-csrf-token': csrfToken, origin: stage.base, 'if-match': '*' }
  const asked = [
    ['POST', 'mitigations/withdraw', { ids: ['a-1.0'] }],
    ['POST', 'mitigations/extend', { ids: ['a-1.0'], ttlSeconds: 60 }],
    ['POST', 'rules', { rule: `destination ${TARGET}/32 then discard`, ttlSeconds: 60, reason: 'x' }],
    ['PUT', 'playbooks', { value: [] }],
    ['POST', 'configuration/check', { section: 'playbooks', value: [] }],
    ['POST', 'arming', { armed: true }],
    ['POST', 'tokens', { name: 'x', role: 'admin' }],
  ] as const
  const statuses = await Promise.all(
    asked.map(async ([method, path, data]) =>
      (await page.request.fetch(`/api/v1/${path}`, { method, headers, data })).status(),
    ),
  )

  assert.deepEqual(offered, [])
  assert.deepEqual(new Set(statuses), new Set([403]))
}

async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForLoadState('networkidle')
}

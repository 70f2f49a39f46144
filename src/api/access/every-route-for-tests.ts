// Walks rows of a table of access: whoever is nobody is refused at each, and each lets in whom it says.

import assert from 'node:assert/strict'
import { type AccessRule, confinementText, isAtLeast, isConfined, ROLES } from '../contract/access.ts'
import { type accessForTests, bearer } from './access-for-tests.ts'

type Made = ReturnType<typeof accessForTests>

/** What is proved ends before rates do. */
export const GENEROUS = {
  ...{ perAddress: { perSecond: 1e6, burst: 1e6 }, perIdentity: { perSecond: 1e6, burst: 1e6 } },
}

/** Parameters filled in with something that does not exist. */
const urlOf = (path: string): string => path.replace(/:\w+|\*/g, 'nothing')

type Answer = Awaited<ReturnType<Made['server']['inject']>>

/** Each row that is not public, without a credential, with wrong ones and with one that has expired; `assertTold`: in which words. */
export async function assertNobodyGetsIn(
  made: Made,
  rules: readonly AccessRule[],
  assertTold: (answer: Answer) => void,
): Promise<void> {
  const expired = await made.token('admin', { expiresAt: '2026-11-20T11:00:00Z' })
  const right = await made.token('admin')
  made.clock.now += 3_600_000
  const wrong = {
    none: {},
    unknown: bearer(`fwt_0123456789abcdef_${'A'.repeat(43)}`),
    'wrong secret': bearer(`${right.slice(0, -1)}${right.endsWith('A') ? 'B' : 'A'}`),
    'one more character': bearer(`${right}A`),
    expired: bearer(expired),
    'other scheme': { authorization: `Basic ${right}` },
    'no session': { cookie: `session=${'A'.repeat(43)}` },
  }
  for (const { method, path, role } of rules.filter(rule => rule.role !== 'public')) {
    for (const [name, headers] of Object.entries(wrong)) {
      const response = await made.server.inject({ method, url: urlOf(path), headers })
      assert.equal(response.statusCode, 401, `${method} ${path} (${role}) with ${name}`)
      assertTold(response)
    }
  }
}

/** Each row that is not public, by each role, confined to a customer, to a network and not; `isOfHandler`: a 401 or 403 that is not the gate's. */
export async function assertRowsHold(
  made: Made,
  rules: readonly AccessRule[],
  isOfHandler: (answer: Answer, rule: AccessRule) => boolean = () => false,
): Promise<void> {
  for (const role of ROLES) {
    for (const scope of [{}, { customers: ['acme'] }, { networks: ['192.0.2.0/24'] }]) {
      const headers = bearer(await made.token(role, scope))
      for (const rule of rules) {
        if (rule.role === 'public') continue
        const { method, path } = rule
        const response = await made.server.inject({ method, url: urlOf(path), headers })

        const may = isAtLeast(role, rule.role) && (!isConfined(scope) || rule.reach === 'customers')
        const status = isOfHandler(response, rule) ? 200 : response.statusCode
        assert.equal(status === 403, !may, `${method} ${path} by ${role} ${confinementText(scope)}`)
        assert.notEqual(status, 401, path)
      }
    }
  }
}

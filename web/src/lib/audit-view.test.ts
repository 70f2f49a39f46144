import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_AUDIT } from '#api/contract/examples.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { queryOf, wholeAudit } from './audit-view.ts'

test('filters of the address become a query that the contract takes', () => {
  const words: Readonly<Record<string, string>> = {
    ...{ who: 'user:ann', reason: 'ticket', outcome: 'failed', since: '2026-11-20T10:11', until: 'soon' },
    ...{ what: '', other: 'x' },
  }

  const query = queryOf(name => words[name], 1000)

  assert.deepEqual(query, {
    ...{ limit: 1000, who: 'user:ann', reason: 'ticket', outcome: 'failed' },
    since: '2026-11-20T10:11:00.000Z',
  })
  assert.ok(ROUTES.audit.input.safeParse(query).success)
})

test('all that fits is fetched page by page, to the first entry', async () => {
  const asked: (number | undefined)[] = []
  const page = async (before: number | undefined) => {
    asked.push(before)
    const from = before ?? 6
    const entries = [from - 1, from - 2].filter(sequence => sequence > 0)
    return {
      ...{ kind: 'ok' as const, etag: undefined },
      value: { entries: entries.map(sequence => ({ ...EXAMPLE_AUDIT, sequence })) },
    }
  }

  const whole = await wholeAudit(page)

  assert.ok(whole.kind === 'ok')
  assert.deepEqual(asked, [undefined, 4, 2])
  assert.equal(whole.lines.length, 5)
  assert.equal(whole.lines[0]?.length, whole.titles.length)
  const failed = await wholeAudit(async () => ({ kind: 'failed', failure: { kind: 'unreachable' } }))
  assert.equal(failed.kind, 'failed')
})

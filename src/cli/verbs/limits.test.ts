import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { EXAMPLE_LIMIT, EXAMPLE_LIMITS } from '#api/contract/examples.ts'
import type { LearnedLimit } from '#api/contract/limits.ts'
import { decisionText, learnedLines, limitsText } from './limits.ts'
import { limitsYaml } from './limits-yaml.ts'

const REJECTED: LearnedLimit = {
  ...{ place: 'global/host/outgoing/flows', scope: 'global', subject: 'host', direction: 'outgoing' },
  ...{ limit: 'flows', state: 'rejected', suggested: 900, now: null, source: 'not set' },
}

test('the list says what is suggested, what holds, why, and what is not known yet', () => {
  const text = limitsText({
    ...EXAMPLE_LIMITS,
    limits: [EXAMPLE_LIMIT, REJECTED],
    total: 5,
    scopesRefused: 2,
  })

  assert.match(
    text,
    /^caches\/host\/incoming\/packets +accepted +80,000 +80,000 +0\.93 +learned, accepted by uid:0 /m,
  )
  assert.doesNotMatch(text, /outgoing\/flows/)
  assert.match(text, /^and 3 more$/m)
  assert.match(text, /^global: 12\.5 of 24 hours of calm traffic$/m)
  assert.match(text, /^2 hostgroups and networks found no room\.$/m)
})

test('rejected ones are shown to whoever asks for all', () => {
  const text = limitsText({ ...EXAMPLE_LIMITS, limits: [REJECTED], total: 1 }, true)

  assert.match(
    text,
    /^global\/host\/outgoing\/flows +rejected +none +900 +not set +traffic suggests nothing/m,
  )
})

test('an order to accept says what it left rejected', () => {
  const text = decisionText({ limits: [EXAMPLE_LIMIT], stillRejected: [REJECTED.place] })

  assert.match(text, /^caches\/host\/incoming\/packets +accepted/m)
  assert.match(text, /^Rejected before, and still so; .+:\n {2}global\/host\/outgoing\/flows$/m)
  assert.doesNotMatch(decisionText({ limits: [EXAMPLE_LIMIT] }), /Rejected/)
})

test('an empty list says why it is empty', () => {
  const nothing = { ...EXAMPLE_LIMITS, limits: [], scopes: [], total: 0 }

  assert.equal(limitsText(nothing), 'No limit is suggested.\n')
  assert.match(limitsText({ ...nothing, enabled: false }), /detection\.learn\.enabled is false/)
})

test('an accepted limit that does not hold says so, in the list and in check', () => {
  const superseded: LearnedLimit = { ...EXAMPLE_LIMIT, standing: 'superseded' }

  assert.match(
    limitsText({ ...EXAMPLE_LIMITS, limits: [superseded] }),
    /not in force: the file says something else/,
  )
  assert.match(learnedLines([superseded]), /incoming\/packets 80,000: not in force, superseded$/m)
  assert.equal(learnedLines([]), '')
})

test('what does not hold is not exported', () => {
  const text = limitsYaml([{ ...EXAMPLE_LIMIT, standing: 'superseded' }, REJECTED])

  assert.equal(text, '# No learned limit is accepted.\n')
  assert.equal(parse(text), null)
})

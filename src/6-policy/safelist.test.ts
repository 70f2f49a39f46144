import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import { overlaps, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'
import { decide } from './decide.ts'
import { inspect, railPrefixesOf } from './guardrail.ts'
import { CONTEXT, prefixes, RAILS } from './playbooks-for-tests.ts'
import { Safelist, type SafelistEntry } from './safelist.ts'

const UNTIL = Date.parse('2027-01-31T00:00:00Z')
const hit = (entries: readonly SafelistEntry[], text: string, nowMs?: number) =>
  new Safelist(entries).hit(parsePrefix(text)!, nowMs)
const railsWith = (...safelist: SafelistEntry[]) => ({
  ...RAILS,
  ...railPrefixesOf({ networks: prefixes('192.0.2.0/24'), whitelist: [], managementPrefixes: [], safelist }),
})

test('what touches a safelisted prefix is refused with the reason, from within and from around', () => {
  const entries = [{ prefix: '192.0.2.48/28', reason: 'resolvers' }]

  assert.equal(
    hit(entries, '192.0.2.53'),
    '192.0.2.53/32 touches the safelisted prefix 192.0.2.48/28 (resolvers)',
  )
  assert.match(hit(entries, '192.0.2.0/24') ?? '', /192\.0\.2\.48\/28/)
  assert.equal(hit(entries, '192.0.2.1'), undefined)
})

test('an entry ends at its moment; one whose end cannot be read, or without a clock, does not', () => {
  const entry = { prefix: '192.0.2.53', until: '2027-01-31' }

  assert.notEqual(hit([entry], '192.0.2.53', UNTIL - 1), undefined)
  assert.equal(hit([entry], '192.0.2.53', UNTIL), undefined)
  assert.notEqual(hit([entry], '192.0.2.53'), undefined)
  assert.notEqual(hit([{ ...entry, until: 'next year' }], '192.0.2.53', UNTIL), undefined)
})

test('with an entry that cannot be read nothing is done at all', () => {
  assert.match(
    hit([{ prefix: 'nonsense' }], '192.0.2.1') ?? '',
    /"nonsense" is no prefix\), so nothing may be touched/,
  )
  assert.equal(
    decide(exampleAttack(), { ...CONTEXT, rails: railsWith({ prefix: 'nonsense' }) }).kind,
    'refused',
  )
})

test('the rail stands among the others, and only where there is a safelist', () => {
  const refused = inspect('192.0.2.1', railsWith({ prefix: '192.0.2.0/28' })).filter(
    ({ allowed }) => !allowed,
  )

  assert.deepEqual(
    refused.map(({ rail }) => rail),
    ['safelist'],
  )
  assert.equal(
    inspect('192.0.2.1', RAILS).some(({ rail }) => rail === 'safelist'),
    false,
  )
})

test('whatever the list and the moment, what is said is what a search through all of it says', () => {
  const prefix = fc
    .tuple(fc.nat(255), fc.integer({ min: 20, max: 32 }))
    .map(([low, length]) => prefixOf({ family: 4, value: 0xc000_0200n + BigInt(low) }, length))
  const entry = fc.tuple(prefix, fc.option(fc.nat(100), { nil: undefined }))

  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 8 }),
      prefix,
      fc.array(fc.nat(100), { minLength: 1, maxLength: 6 }),
      (list, asked, moments) => {
        const entries = list.map(([{ value, length }, until]) => ({
          prefix: `${[24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.')}/${length}`,
          until: until === undefined ? undefined : new Date(until).toISOString(),
        }))
        const safelist = new Safelist(entries)
        for (const nowMs of moments) {
          const isHeld = (until: number | undefined) => until === undefined || nowMs < until
          const expected = list.some(([one, until]) => overlaps(one, asked) && isHeld(until))
          assert.equal(safelist.hit(asked, nowMs) !== undefined, expected)
        }
      },
    ),
    { numRuns: 300 },
  )
})

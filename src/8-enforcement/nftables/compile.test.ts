import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { COUNTERMEASURES } from '#6-policy/countermeasure.ts'
import type { DesiredProfile, Parameters } from '#7-mitigation/protection/profile.ts'
import { contains, formatPrefix, prefixOf } from '#lib/ip/prefix.ts'
import { compile } from './compile.ts'
import { isWithin, withoutInner } from './draft.ts'
import { PLACE, type ProtectionPlace } from './place.ts'
import { EVERYTHING, wholeProfile } from './protection-for-tests.ts'
import { printRuleset } from './ruleset.ts'

const compiled = (desired: readonly DesiredProfile[], place: ProtectionPlace = PLACE) => {
  const made = compile(desired, place)
  assert.ok(made.kind === 'compiled', JSON.stringify(made))
  return { ...made, text: printRuleset(made.ruleset) }
}
const problemsOf = (desired: readonly DesiredProfile[], place: ProtectionPlace = PLACE) => {
  const made = compile(desired, place)
  return made.kind === 'refused' ? made.problems : []
}
const chainOf = (text: string, name: string) =>
  text
    .split(`  chain ${name} {\n`)[1]
    ?.split('\n  }\n')[0]
    ?.split('\n')
    .map(line => line.trim()) ?? []

test('a profile with everything has each countermeasure in its order', () => {
  const { text, notes, synProxy } = compiled([wholeProfile()])

  assert.deepEqual(notes, [])
  assert.equal(synProxy, 'with-timestamps')
  assert.deepEqual(chainOf(text, 'p/web'), [
    'ip saddr @p/web/whitelist/told/hosts4 counter name p/web/whitelist/in return',
    'ip6 saddr @p/web/whitelist/told/nets6 counter name p/web/whitelist/in return',
    ...[
      ...['blacklist', 'temporary-blacklist', 'geo', 'header-sanity', 'fragments', 'acl', 'filter'],
      ...['source-limit', 'connection-rate', 'target-rate-limit', 'rate-limit'],
    ].map(name => `jump p/web/${name}`),
  ])
})

test('each countermeasure alone is written, counted and, when it is off, not there', () => {
  for (const name of COUNTERMEASURES) {
    const parameters: Parameters = { [name]: EVERYTHING[name] }

    const on = compiled([wholeProfile('on', parameters)]).text
    const off = compiled([wholeProfile('off', parameters)]).text

    assert.ok(on.includes(`counter p/web/${name}/in {`), name)
    assert.ok(!off.includes(`/${name}/`), name)
  }
})

test('of a profile that covers some traffic only that is judged, and of countries that may pass nobody else gets in', () => {
  const parameters: Parameters = { geo: { verdict: 'pass', prefixes: ['198.51.100.0/24'] } }
  const one = wholeProfile('on', parameters)
  const traffic = ['destination 203.0.113.10/32 protocol =tcp destination-port =80']
  const { text } = compiled([{ ...one, profile: { ...one.profile, traffic } }])

  assert.deepEqual(
    chainOf(text, 'm/judge').filter(line => line.endsWith('jump p/web')),
    [
      'meta nfproto ipv4 meta l4proto 6 ip frag-off & 0x1fff == 0x0 ip daddr 203.0.113.10/32 th dport 80 jump p/web',
    ],
  )
  assert.deepEqual(chainOf(text, 'p/web/geo').slice(1), [
    'ip saddr @p/web/geo/told/nets4 return',
    'meta nfproto ipv4 counter name p/web/geo/drop drop',
    'meta nfproto ipv6 counter name p/web/geo/drop drop',
  ])
  const wrong = compile([{ ...one, profile: { ...one.profile, traffic: ['nonsense'] } }], PLACE)
  assert.match(JSON.stringify(wrong), /refused.*profile web: its traffic, column 1/)
})

test('in monitor mode nothing is dropped, listed, untracked or answered', () => {
  const { text } = compiled([wholeProfile('monitor')])

  assert.doesNotMatch(text, /\bdrop$|notrack|synproxy|add @p\/web\/(?:source-limit|connection-rate)\/list/m)
  assert.match(text, /counter name p\/web\/acl\/drop return/)
})

test('neighbour discovery, management and BGP come before every profile', () => {
  const { text } = compiled([wholeProfile()], { ...PLACE, managementPrefixes: ['198.51.100.0/24'] })

  for (const chain of ['m/judge', 'm/untrack', 'm/connections/forward', 'm/connections/input']) {
    const rules = chainOf(text, chain)
    const firstJump = rules.findIndex(rule => rule.includes('jump'))
    for (const spared of [
      'nd-neighbor-solicit',
      '@m/management/nets4 accept',
      'tcp dport 179',
      'tcp sport 179',
    ]) {
      const at = rules.findIndex(rule => rule.includes(spared))
      assert.ok(at >= 0 && at < firstJump, `${chain}: ${spared}`)
    }
  }
})

test('a profile that is off leaves its connections followed when it has a SYN proxy, and else nothing', () => {
  const isOff = { ...wholeProfile(), isOn: false }
  const { 'syn-proxy': _proxy, ...others } = EVERYTHING

  const following = compiled([isOff]).ruleset.chains.map(({ name }) => name)
  const nothing = compiled([{ ...wholeProfile('on', others), isOn: false }]).ruleset

  assert.deepEqual(following, ['m/connections/forward', 'm/connections/input'])
  assert.deepEqual(nothing, { sets: [], counters: [], chains: [] })
})

test('a SYN proxy that is left out leaves all else, and connections followed', () => {
  const made = compile([wholeProfile()], PLACE, true)

  assert.ok(made.kind === 'compiled')
  const text = printRuleset(made.ruleset)
  assert.doesNotMatch(text, /synproxy|notrack/)
  assert.match(text, /ct state established,related accept/)
  assert.match(text, /jump p\/web\/acl/)
})

test('a SYN proxy answers IPv6 only when it is told to, and says so', () => {
  const proxy = { ports: [80], mss: 1460, windowScale: 7, timestamps: true, sackPermitted: true }
  const { text, notes } = compiled([wholeProfile('on', { 'syn-proxy': proxy })])

  assert.match(notes.join(), /IPv6 is left out/)
  for (const chain of ['p/web/syn-proxy', 'p/web/syn-proxy/syn'])
    assert.equal(chainOf(text, chain)[0], 'meta nfproto ipv6 return')
  const both = compiled([wholeProfile('on', { 'syn-proxy': { ...proxy, ipv6: true } })])
  assert.doesNotMatch(both.text, /nfproto ipv6 return/)
  assert.deepEqual(both.notes, [])
})

test('sources are IPv4 addresses and the first 64 bits of IPv6, alone or with their target', () => {
  const limit = { packetsPerSecond: 100, per: 'source-and-target', ttlSeconds: 30 } as const
  const { text } = compiled([wholeProfile('on', { 'source-limit': limit })])

  const rules = chainOf(text, 'p/web/source-limit')
  assert.ok(
    rules.includes(
      'update @p/web/source-limit/packets4 { ip saddr . ip daddr limit rate over 100/second burst 100 packets } goto p/web/source-limit/over4',
    ),
  )
  assert.match(
    text,
    /add @p\/web\/source-limit\/pairs6 \{ ip6 saddr & ffff:ffff:ffff:ffff:: \. ip6 daddr timeout 30s \}/,
  )
  assert.match(
    text,
    /type ipv6_addr \. ipv6_addr\n {4}size 131072\n {4}flags dynamic,timeout\n {4}timeout 30s/,
  )
})

test('at the hook ingress nothing is asked of routes, at forward fragments are told as impossible', () => {
  const ingress = compiled([wholeProfile()], { ...PLACE, hook: 'ingress', devices: ['eth0', 'eth1'] })
  const forward = compiled([wholeProfile()], { ...PLACE, hook: 'forward' })

  const judge = chainOf(ingress.text, 'm/judge')
  assert.match(judge[0] ?? '', /hook ingress devices = \{ "eth0", "eth1" \}/)
  assert.ok(judge.every(rule => !rule.includes('fib')))
  assert.match(forward.notes.join(), /fragments: at the hook forward/)
})

test('what is wrong is refused with where it is and what to do, and nothing of it reaches a ruleset', () => {
  const profile = (changes: object): DesiredProfile => {
    const whole = wholeProfile()
    return { ...whole, profile: { ...whole.profile, ...changes } }
  }
  const parameters = (changes: Parameters) => wholeProfile('on', changes)
  const cases: [readonly DesiredProfile[], RegExp][] = [
    [[profile({ id: 'web; flush ruleset' })], /cannot be the name of a profile/],
    [[profile({ prefixes: ['203.0.113.10 } flush'] })], /profile web: its prefixes: .* is no prefix/],
    [[profile({ prefixes: [] })], /covers no prefix/],
    [[wholeProfile(), wholeProfile()], /two profiles called web/],
    [[profile({ parameters: {} })], /whitelist is switched on and has no parameters/],
    [
      [parameters({ acl: { rules: [{ verdict: 'drop', match: 'protokoll =1' }] } })],
      /acl: rule 1, column 1: .*use one of/,
    ],
    [
      [parameters({ filter: { rules: ['protocol =udp then redirect 65000:1'] } })],
      /nftables does not do redirect/,
    ],
    [[parameters({ 'rate-limit': {} })], /has no rate/],
    [[parameters({ 'rate-limit': { packetsPerSecond: Number.NaN } })], /whole number from 1/],
    [[parameters({ 'connection-rate': { perSecond: 5, ttlSeconds: 0 } })], /ttlSeconds is a whole number/],
  ]

  for (const [desired, expected] of cases) assert.match(problemsOf(desired).join('\n'), expected)
  assert.match(problemsOf([], { ...PLACE, hook: 'ingress' }).join(), /name at least one/)
  assert.match(problemsOf([], { ...PLACE, devices: ['eth0"'] }).join(), /no name of a device/)
})

test('prefixes in others are left out, all others stay and cover the same', () => {
  const prefix = fc
    .tuple(fc.bigInt(0n, 255n), fc.integer({ min: 0, max: 8 }))
    .map(([value, length]) => prefixOf({ family: 4, value: value << 24n }, length))
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 40 }), fc.bigInt(0n, (1n << 32n) - 1n), (prefixes, value) => {
      const outer = withoutInner(prefixes)

      for (const one of prefixes) assert.ok(outer.some(candidate => contains(candidate, one)))
      for (const one of outer)
        assert.equal(outer.filter(other => contains(other, one)).length, 1, formatPrefix(one))
      const host = prefixOf({ family: 4, value }, 32)
      assert.equal(
        isWithin(host, outer),
        prefixes.some(one => contains(one, host)),
      )
    }),
  )
})

test('single addresses come once, and not beside a prefix that holds them', () => {
  const prefixes = ['192.0.2.1', '192.0.2.1/32', '10.1.2.3', '10.0.0.0/8', '2001:db8::1', '2001:db8:0::1']

  const { ruleset } = compiled([wholeProfile('on', { blacklist: { prefixes } })])

  const told = ruleset.sets.filter(({ name }) => name.includes('/told/'))
  assert.deepEqual(
    told.map(({ name, elements, size }) => [name.split('/').at(-1), elements, size]),
    [
      ['hosts4', ['192.0.2.1'], 1],
      ['nets4', ['10.0.0.0/8'], undefined],
      ['hosts6', ['2001:db8::1'], 1],
    ],
  )
})

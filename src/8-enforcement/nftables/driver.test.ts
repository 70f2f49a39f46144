import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Nftables } from './driver.ts'
import { nftProgram } from './nft-program.ts'
import { PLACE } from './place.ts'
import { EVERYTHING, FakeKernel, FakeNft, wholeProfile } from './protection-for-tests.ts'

const READY = {
  'netfilter/nf_conntrack_tcp_loose': '0',
  'ipv4/tcp_syncookies': '1',
  'ipv4/tcp_timestamps': '1',
}
const LOOSE = { ...READY, 'netfilter/nf_conntrack_tcp_loose': '1' }

function made(settings: Readonly<Record<string, string>> = READY, maySetKernel = false) {
  const nft = new FakeNft()
  const kernel = new FakeKernel(settings)
  return { nft, kernel, driver: new Nftables({ place: PLACE, run: nft.run, maySetKernel, kernel }) }
}

const blacklist = (...prefixes: string[]) => wholeProfile('on', { blacklist: { prefixes } })
const TABLE = { table: { family: 'inet', name: 'floodwarden_protect', handle: 7 } }
const chain = (name: string, handle = 1) => ({
  chain: { family: 'inet', table: 'floodwarden_protect', name, handle },
})
const told = (...elem: unknown[]) => ({ set: { name: 'p/web/blacklist/told/hosts4', elem } })

test('what is in place and untouched is left alone; what differs is put right', async () => {
  const { nft, driver } = made()
  const desired = [blacklist('192.0.2.2', '192.0.2.3')]
  await driver.apply(desired)
  const held = [TABLE, chain('m/judge'), told('192.0.2.3', '192.0.2.2')]
  nft.table = held
  await driver.apply(desired)
  const sent = nft.transactions.length

  const same = await driver.apply(desired)
  nft.table = held.map(object => (object === held[1] ? chain('m/judge', 99) : object))
  const otherHandle = await driver.apply(desired)
  assert.deepEqual([same, otherHandle], Array(2).fill({ kind: 'done', isChanged: false, notes: [] }))
  assert.equal(nft.transactions.length, sent)

  for (const meddled of [
    [TABLE, told('192.0.2.3', '192.0.2.2')],
    [TABLE, chain('m/judge'), told('192.0.2.3')],
    [...held, { rule: { chain: 'm/judge', expr: [{ accept: null }] } }],
  ]) {
    nft.table = meddled
    const before = nft.transactions.length
    const outcome = await driver.apply(desired)
    assert.deepEqual(outcome, { kind: 'done', isChanged: true, notes: [] })
    assert.equal(nft.transactions.length, before + 1)
    nft.table = held
    await driver.apply(desired)
  }
})

test('a look that costs the same however long lists are tells whether somebody has touched the table', async () => {
  const { nft, driver } = made()
  const looks = async () => {
    const look = await driver.looksUntouched()
    return look.kind === 'done' && look.isUntouched
  }
  assert.equal(await looks(), false)
  await driver.apply([blacklist('192.0.2.2')])
  const held = [TABLE, chain('m/judge'), told('192.0.2.2')]
  nft.table = held
  await driver.apply([blacklist('192.0.2.2')])
  const asked = nft.asked.length
  assert.equal(await looks(), true)
  assert.deepEqual(
    nft.asked.slice(asked).map(({ argv }) => argv.join(' ')),
    ['-j -t list table inet floodwarden_protect'],
  )

  nft.table = [...held, { rule: { chain: 'm/judge', expr: [{ accept: null }] } }]
  assert.equal(await looks(), false)
  nft.table = undefined
  assert.equal(await looks(), false)
})

test('a new process takes over blocked sources, with the time they have left, and counters', async () => {
  const { nft, driver } = made()
  nft.table = [
    TABLE,
    { counter: { name: 'p/web/source-limit/drop', handle: 3, packets: 17, bytes: 1700 } },
    {
      set: {
        name: 'p/web/source-limit/list4',
        timeout: 60,
        elem: [
          { elem: { val: '192.0.2.9', timeout: 90, expires: 41 } },
          { elem: { val: '192.0.2.8', expires: 5 } },
        ],
      },
    },
    { set: { name: 'p/web/source-limit/packets4', elem: [{ elem: { val: '192.0.2.7', expires: 9 } }] } },
  ]

  await driver.apply([wholeProfile('on', { 'source-limit': EVERYTHING['source-limit']! })])

  const [text = ''] = nft.transactions
  assert.match(text, /192\.0\.2\.8 timeout 60s expires 5s/)
  assert.match(text, /192\.0\.2\.9 timeout 90s expires 41s/)
  assert.doesNotMatch(text, /192\.0\.2\.7/)
  assert.match(text, /counter p\/web\/source-limit\/drop \{\n {4}packets 17 bytes 1700/)
})

test('without consent the kernel is not set, and what needs it is left out and told', async () => {
  const { nft, kernel, driver } = made(LOOSE)
  nft.table = [TABLE]

  const outcome = await driver.apply([wholeProfile()])

  assert.ok(outcome.kind === 'done')
  assert.match(
    outcome.notes.join(),
    /syn-proxy is left out.*sysctl -w net\.netfilter\.nf_conntrack_tcp_loose=0/,
  )
  assert.equal(kernel.read('netfilter/nf_conntrack_tcp_loose'), '1')
  assert.doesNotMatch(nft.transactions.join(), /synproxy/)
})

test('with consent the kernel is set, and put back when nothing needs it any more, also by another process', async () => {
  const { nft, kernel, driver } = made(LOOSE, true)
  nft.table = [TABLE]
  await driver.apply([wholeProfile()])
  assert.equal(kernel.read('netfilter/nf_conntrack_tcp_loose'), '0')
  const mark = 'm/before/netfilter/nf_conntrack_tcp_loose/1'
  assert.match(nft.transactions.at(-1) ?? '', new RegExp(`chain ${mark} \\{`))

  nft.table = [TABLE, chain(mark), chain('m/before/kernel/core_pattern/1')]
  const later = new Nftables({ place: PLACE, run: nft.run, maySetKernel: false, kernel })
  await later.apply([wholeProfile()])
  assert.match(nft.transactions.at(-1) ?? '', new RegExp(`chain ${mark} \\{`))
  await later.remove()

  assert.equal(kernel.read('netfilter/nf_conntrack_tcp_loose'), '1')
  assert.equal(kernel.read('kernel/core_pattern'), undefined)
})

test('when nothing is desired everything of ours goes, and nothing else is written', async () => {
  const { nft, driver } = made()

  assert.deepEqual(await driver.apply([]), { kind: 'done', isChanged: false, notes: [] })
  nft.table = [TABLE]
  assert.deepEqual(await driver.apply([]), { kind: 'done', isChanged: true, notes: [] })

  assert.deepEqual(nft.transactions, [
    'table inet floodwarden_protect\ndelete table inet floodwarden_protect\n',
  ])
})

test('counters and blocked sources are read by the names of what is in place', async () => {
  const { nft, driver } = made()
  nft.table = [
    TABLE,
    { counter: { name: 'p/web/source-limit/in', packets: 1000, bytes: 9 } },
    { counter: { name: 'p/web/source-limit/drop', packets: 900, bytes: 54_000 } },
    { counter: { name: 'p/web/source-limit/full', packets: 3, bytes: 9 } },
    {
      set: {
        name: 'p/web/source-limit/pairs6',
        timeout: 60,
        elem: [{ elem: { val: { concat: ['2001:db8:7::', '2001:db8:2::1'] }, expires: 41 } }],
      },
    },
  ]

  const counters = await driver.counters()
  const blocked = await driver.blocked()

  const what = { profile: 'web', countermeasure: 'source-limit' }
  assert.deepEqual(counters, {
    kind: 'done',
    counters: [
      {
        ...what,
        counters: {
          inputPackets: 1000,
          droppedPackets: 900,
          droppedBytes: 54_000,
          sources: 1,
          unmeasuredPackets: 3,
        },
      },
    ],
  })
  assert.deepEqual(blocked, {
    kind: 'done',
    sources: [{ ...what, source: '2001:db8:7::/64', target: '2001:db8:2::1', remainingSeconds: 41 }],
  })
})

test('a block names a profile and sources, and nothing else gets through', async () => {
  const { nft, driver } = made()

  await driver.block('web', ['192.0.2.7', '2001:db8:7::9'])
  const wrong = [
    await driver.block('web', ['10.0.0.0/8']),
    await driver.block('web', ['1.2.3.4 }; flush ruleset']),
    await driver.block('web } flush ruleset', ['192.0.2.7']),
  ]

  assert.deepEqual(nft.transactions, [
    'add element inet floodwarden_protect p/web/temporary-blacklist/list4 { 192.0.2.7 }\n' +
      'add element inet floodwarden_protect p/web/temporary-blacklist/list6 { 2001:db8:7:: }\n',
  ])
  assert.ok(wrong.every(({ kind }) => kind === 'failed'))
})

test('a refusal of nft, a missing nft and one that hangs are failures with what to do', async () => {
  const { nft, driver } = made()
  nft.refusal = 'nft: Error: Operation not permitted (run as root)'
  const refused = await driver.apply([blacklist('192.0.2.2')])
  const of = (run: ReturnType<typeof nftProgram>) =>
    new Nftables({ place: PLACE, run, maySetKernel: false, kernel: new FakeKernel(READY) }).remove()

  const missing = await of(nftProgram('/nonexistent/nft'))
  const hanging = await nftProgram('sleep', 50)({ argv: ['5'] })
  const silent = await of(nftProgram('true'))

  assert.deepEqual(refused, { kind: 'failed', error: nft.refusal })
  assert.match(JSON.stringify(missing), /is not installed: install the package nftables/)
  assert.match(JSON.stringify(hanging), /did not answer for 0\.05 s/)
  assert.match(JSON.stringify(silent), /did not answer in its JSON/)
})

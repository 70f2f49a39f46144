// A day in the life of a prefixd client, against the real daemon in a dry run, over HTTP. With a router: test/routers/prefixd-api.test.ts.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { run } from '../../lab/command.ts'
import { freePort } from '../../lab/free-port.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const SCRIPT = join(import.meta.dirname, '../../bin/floodwarden-event')
const WAIT_MS = 30_000

const body = z.looseObject({
  status: z.string().optional(),
  error: z.string().optional(),
  mitigation_id: z.string().nullish(),
  event_id: z.string().optional(),
  expires_at: z.string().optional(),
  reason: z.string().optional(),
  protocol: z.number().nullish(),
  dst_ports: z.array(z.number()).optional(),
  rate_bps: z.number().nullish(),
  count: z.number().optional(),
})
interface Answer {
  readonly status: number
  readonly body: z.infer<typeof body>
}
type Call = (method: string, path: string, sent?: object) => Promise<Answer>

const answerOf = (status: number, text: string): Answer => ({
  status,
  body: body.parse(text === '' ? {} : JSON.parse(text)),
})

const ban = (changes: object = {}) => ({
  ...{ event_id: 'a1', timestamp: new Date().toISOString(), source: 'det', victim_ip: '203.0.113.10' },
  ...{ vector: 'udp_flood', top_dst_ports: [53], confidence: 0.5, ...changes },
})

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const endsAt = performance.now() + WAIT_MS
  while (!(await isSo())) {
    assert.ok(performance.now() < endsAt, what)
    await sleep(100)
  }
}

const SHORT = `networks: [203.0.113.0/24]
capture: { method: off }
metrics: { listen: off }
inventory:
  customers:
    - id: c1
      prefixes: [203.0.113.0/24]
      services: [{ id: dns, name: DNS, allowedPorts: { udp: [53], tcp: [53] } }]
      assets: [{ prefix: 203.0.113.10, service: dns }]
policy: { quotas: { customer: { activeMax: 5 } }, bounds: { ttlSeconds: { minimum: 1, maximum: 3600 } } }
enforcement: { gobgp: { address: 127.0.0.1:1 } }
playbooks:
  - name: udp
    match: { vectors: [udp_flood] }
    steps: [{ name: limit, actions: [{ kind: rate-limit, bitsPerSecond: 5000000, enforcer: gobgp }], ttlSeconds: 4 }]
  - name: syn
    match: { vectors: [syn_flood] }
    steps: [{ name: limit, actions: [{ kind: rate-limit, bitsPerSecond: 5000000, enforcer: gobgp }], ttlSeconds: 60 }]
`

async function dryRun(t: TestContext) {
  const folder = temporaryFolder(t)
  const port = await freePort()
  const config = join(folder, 'config.yaml')
  writeFileSync(config, `${SHORT}api: { listen: '127.0.0.1:${port}', access: { mode: none } }\n`)
  const plan = { state: join(folder, 'state'), words: ['--config', config] }
  const api = `http://127.0.0.1:${port}`
  const call: Call = async (method, path, sent) => {
    const answer = await fetch(`${api}${path}`, {
      ...{ method, headers: { 'content-type': 'application/json' } },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    })
    return answerOf(answer.status, await answer.text())
  }
  return { folder, plan, api, call }
}

test('the steps of a client without a router: ban, extend, quota, safelist, TTL, restart, script', async t => {
  const { folder, plan, api, call } = await dryRun(t)
  const before = await RunningDaemon.start(plan)
  let withdrawn = ''
  try {
    const told = await listen(api)
    withdrawn = await firstSteps(call, told)
    await until(async () => told().includes('mitigation_expired'), 'the feed tells of the end')
    assert.deepEqual(
      ['mitigation_created', 'mitigation_updated', 'mitigation_withdrawn'].filter(
        type => !told().includes(type),
      ),
      [],
    )
    // 8: nothing is done about what is safelisted.
    const safe = await call('POST', '/v1/safelist', { operator_id: 'ann', prefix: '203.0.113.16/28' })
    assert.equal(safe.status, 201)
    const refused = await call('POST', '/v1/events', ban({ event_id: 'e8', victim_ip: '203.0.113.20' }))
    assert.equal(refused.body.error, 'guardrail violation: IP 203.0.113.20/32 is safelisted')
    // 9: the quota of the customer.
    for (const last of [101, 102, 103, 104, 105])
      await call(
        'POST',
        '/v1/events',
        ban({ event_id: `q${last}`, vector: 'syn_flood', victim_ip: `203.0.113.${last}` }),
      )
    const sixth = await call(
      'POST',
      '/v1/events',
      ban({ event_id: 'q6', vector: 'syn_flood', victim_ip: '203.0.113.106' }),
    )
    assert.deepEqual(
      [sixth.status, sixth.body.error],
      [422, 'guardrail violation: quota exceeded: customer (5/5)'],
    )
  } finally {
    await before.stop()
  }
  // 15: after a restart what lives is there, and what was withdrawn too.
  await using after = await RunningDaemon.start(plan)
  await after.until(({ message }) => message === 'state restored')
  const live = await call('GET', '/v1/mitigations?status=active')
  const old = await call('GET', `/v1/mitigations/${withdrawn}`)
  assert.equal(live.body.count, 5)
  assert.equal(old.body.status, 'withdrawn')
  // Another one finds room when one is taken back.
  const [gone] = z.array(body).parse(live.body['mitigations'])
  await call('POST', `/v1/mitigations/${gone?.mitigation_id}/withdraw`, { operator_id: 'ann', reason: '' })
  // 17: a notify script reports, and takes back by asking what is live.
  const settings = [`FLOODWARDEN_API=${api}`, 'FLOODWARDEN_SPOOL=off', `FLOODWARDEN_EVENT_LOG=${folder}/log`]
  for (const action of ['ban', 'unban']) {
    const { code } = await run(
      ['env', ...settings, 'sh', SCRIPT, '203.0.113.110', 'incoming', '1000', action],
      { input: 'Incoming syn tcp pps: 9000 packets per second\nIncoming tcp pps: 9000 packets per second\n' },
    )
    const log = readFileSync(join(folder, 'log'), 'utf8')
    assert.equal(code, 0, log)
    assert.match(log, action === 'ban' ? /: accepted, / : / is withdrawn$/m)
  }
  await unbanAsScript(api, '203.0.113.102')
  const taken = await call('GET', '/v1/mitigations?status=active&victim_ip=203.0.113.102')
  assert.equal(taken.body.count, 0)
})

/** Opens the feed; gives the types of messages so far. */
async function listen(api: string): Promise<() => readonly string[]> {
  const types: string[] = []
  const socket = new WebSocket(`${api.replace('http', 'ws')}/v1/ws/feed`)
  socket.addEventListener('message', ({ data }) => {
    types.push(z.object({ type: z.string() }).parse(JSON.parse(String(data))).type)
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  return () => types
}

/** The requests of prefixd's own script, which reads the answer by the text of its ids. */
async function unbanAsScript(api: string, ip: string): Promise<void> {
  const asked = `status=pending%2Cactive%2Cescalated&victim_ip=${ip}&limit=1000`
  const headers = { 'content-type': 'application/json' }
  const list = await fetch(`${api}/v1/mitigations?${asked}`, { headers })
  const ids = [...(await list.text()).matchAll(/"mitigation_id": ?"([^"]*)"/g)].map(([, id]) => id)
  assert.deepEqual([list.status, ids.length > 0], [200, true])
  for (const id of ids) {
    const reason = `FastNetMon unban for ${ip} (direction=incoming)`
    const body = JSON.stringify({ operator_id: 'fastnetmon', reason })
    const done = await fetch(`${api}/v1/mitigations/${id}/withdraw`, { method: 'POST', headers, body })
    assert.equal(done.status, 200)
  }
}

/** 1 to 7, 10, 13, 14 and 16. Gives a mitigation that was withdrawn. */
async function firstSteps(call: Call, told: () => readonly string[]): Promise<string> {
  const first = await call('POST', '/v1/events', ban())
  const id = first.body.mitigation_id ?? ''
  const shown = await call('GET', `/v1/mitigations/${id}`)
  assert.deepEqual([first.status, first.body.status, shown.body.status], [202, 'accepted', 'active'])
  assert.deepEqual([shown.body.protocol, shown.body.dst_ports, shown.body.rate_bps], [17, [53], 5_000_000])

  await sleep(1100)
  const second = await call('POST', '/v1/events', ban({ event_id: 'a2' }))
  const extended = await call('GET', `/v1/mitigations/${id}`)
  assert.deepEqual([second.body.status, second.body.mitigation_id], ['extended', id])
  // The feed gathers what changes within a moment: what comes next must not be a part of it.
  await until(async () => told().includes('mitigation_updated'), 'the feed tells that it was extended')
  const longer = Date.parse(extended.body.expires_at ?? '') - Date.parse(shown.body.expires_at ?? '')
  assert.ok(longer >= 1000 && longer < 3000, `${longer} ms`)

  const duplicate = await call('POST', '/v1/events', ban())
  assert.deepEqual([duplicate.status, duplicate.body.error], [409, 'duplicate event from det: a1'])

  const syn = await call('POST', '/v1/events', ban({ event_id: 's', vector: 'syn_flood', top_dst_ports: [] }))
  const rule = await call('GET', `/v1/mitigations/${syn.body.mitigation_id}`)
  assert.notEqual(syn.body.mitigation_id, id)
  assert.equal(rule.body.protocol, 6)

  const unban = await call('POST', '/v1/events', ban({ action: 'unban' }))
  const over = await call('GET', `/v1/mitigations/${id}`)
  assert.deepEqual([unban.body.status, over.body.status], ['withdrawn', 'withdrawn'])
  assert.equal(over.body.reason, 'Detector unban: det')
  assert.equal(
    (await call('POST', '/v1/events', ban({ action: 'unban' }))).body.status,
    'no_active_mitigation',
  )

  const foreign = await call('POST', '/v1/events', ban({ event_id: 'f', victim_ip: '192.0.2.1' }))
  assert.equal(foreign.body.status, 'accepted_no_mitigation')
  assert.equal((await call('GET', '/v1/events?limit=1')).body.count, 1)

  const path = `/v1/mitigations/${syn.body.mitigation_id}/withdraw`
  const who = { operator_id: 'alice', reason: 'false positive' }
  assert.equal((await call('POST', path, { reason: 'x' })).status, 422)
  assert.equal((await call('POST', path, { ...who, operator_id: '' })).status, 400)
  assert.equal((await call('POST', path, who)).body.reason, 'alice: false positive')
  assert.equal((await call('POST', path, who)).status, 200)

  const brief = await call('POST', '/v1/events', ban({ event_id: 't', victim_ip: '203.0.113.50' }))
  const isExpired = async () =>
    (await call('GET', `/v1/mitigations/${brief.body.mitigation_id}`)).body.status === 'expired'
  await until(isExpired, 'the TTL passes')
  return id
}

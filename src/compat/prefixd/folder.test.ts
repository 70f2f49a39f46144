import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, INVENTORY, MAIN, mainWith, said } from './folder-for-tests.ts'

test('a folder as prefixd comes with it becomes native settings', () => {
  const { settings, isOrdered } = folderWith()
  const { playbooks: _playbooks, ...rest } = Object(settings)

  assert.equal(isOrdered, true)
  assert.deepEqual(rest, {
    mitigation: { armed: true, onStop: 'keep' },
    enforcement: { gobgp: { address: '127.0.0.1:50051', rulesByPeople: false, reconcileSeconds: 30 } },
    policy: {
      safelist: [
        { prefix: '203.0.113.1/32', reason: 'from prefixd.yaml' },
        { prefix: '2001:db8:77::1', reason: 'from prefixd.yaml' },
      ],
      bounds: {
        ttlSeconds: { minimum: 30, maximum: 1800 },
        prefixLengths: { rule: { ipv4: 32, ipv6: 128 } },
        portsMax: 8,
      },
      quotas: {
        customer: { activeMax: 5 },
        pop: { activeMax: 200 },
        global: { activeMax: 500, newPerMinute: 30 },
        rulesMax: 100,
      },
    },
    log: { format: 'json', level: 'info' },
    metrics: { listen: '127.0.0.1:9090' },
    api: {
      listen: '0.0.0.0:8080',
      access: {
        mode: 'bearer',
        bearerTokenEnv: 'PREFIXD_API_TOKEN',
        perIdentity: { perSecond: 100, burst: 500 },
      },
    },
    capture: { method: 'off' },
    networks: ['203.0.113.0/24', '2001:db8:77::/48'],
    inventory: {
      pops: [{ id: 'iad1' }],
      customers: [
        {
          id: 'cust_bakery',
          name: 'Bakery',
          pop: 'iad1',
          prefixes: ['203.0.113.0/24', '2001:db8:77::/48'],
          services: [{ id: 'svc_dns', name: 'DNS', allowedPorts: { udp: [53], tcp: [53] } }],
          assets: [{ prefix: '203.0.113.10/32', service: 'svc_dns', role: 'dns' }],
          rules: { activeMax: 512, newPerMinute: 512 },
        },
      ],
    },
  })
})

test('its playbooks become ladders, for gobgpd by name', () => {
  const police = (bitsPerSecond: number, ttlSeconds: number) => ({
    name: '1 police',
    actions: [{ kind: 'rate-limit', enforcer: 'gobgp', bitsPerSecond }],
    ttlSeconds,
  })
  const discard = { actions: [{ kind: 'discard', enforcer: 'gobgp' }], ttlSeconds: 300 }
  const later = (seconds: number, minimumConfidence: number) => ({
    ...discard,
    name: '2 discard',
    escalateAfter: { seconds, minimumConfidence },
  })

  const { playbooks } = Object(folderWith().settings)

  assert.deepEqual(playbooks, [
    {
      name: 'udp_flood',
      match: { vectors: ['udp_flood'] },
      steps: [police(5_000_000, 120), later(120, 0.7)],
    },
    {
      name: 'syn_flood',
      match: { vectors: ['syn_flood'] },
      steps: [police(10_000_000, 120), later(180, 0.8)],
    },
    { name: 'icmp_flood', match: { vectors: ['icmp_flood'] }, steps: [{ ...discard, name: '1 discard' }] },
    { name: 'unknown', match: { vectors: ['unknown'] }, steps: [police(1_000_000, 60)] },
  ])
})

test('what is different from prefixd is told with its line, and no secret is', () => {
  const { problems } = folderWith()

  assert.deepEqual(said(problems), [
    'prefixd.yaml:48 notice prefixd-now-real observability.metrics_listen: metrics are served at 127.0.0.1:9090, as it says; prefixd has them at http.listen alone',
    'prefixd.yaml:1 notice prefixd-no-capture : prefixd captures nothing and neither does this: attacks are those that are reported or asked for by hand until interfaces are named',
    'prefixd.yaml:14 notice prefixd-not-carried bgp.local_asn: has no effect. gobgpd has it in a file of its own, in prefixd too.',
    'prefixd.yaml:15 notice prefixd-not-carried bgp.router_id: has no effect. gobgpd has it in a file of its own, in prefixd too.',
    'prefixd.yaml:16 notice prefixd-not-carried bgp.neighbors: has no effect. gobgpd has it in a file of its own, in prefixd too.',
    'prefixd.yaml:34 notice prefixd-not-carried timers.correlation_window_seconds: has no effect. Nothing that runs in prefixd reads it.',
    'prefixd.yaml:36 notice prefixd-not-carried timers.quiet_period_after_withdraw_seconds: has no effect. Nothing that runs in prefixd reads it.',
    'prefixd.yaml:47 notice prefixd-not-carried observability.audit_log_path: has no effect. prefixd writes nothing there; floodwarden audit prints the audit log.',
    'prefixd.yaml:54 notice prefixd-not-carried shutdown.drain_timeout_seconds: has no effect. A stop does not wait: what is under way is taken up at the next start.',
    'prefixd.yaml:1 notice prefixd-kept : read, and used by nothing here: storage.connection_string',
    'playbooks.yaml:6 notice prefixd-now-real playbooks[0].steps[1]: the second step is really reached here; prefixd never goes beyond the first',
    'playbooks.yaml:14 notice prefixd-now-real playbooks[1].steps[1]: the second step is really reached here; prefixd never goes beyond the first',
  ])
})

test('each native setting knows its file and line', () => {
  const { locate } = folderWith()
  const place = (...path: (string | number)[]) => {
    const { file, line } = locate(path, 'value')
    return `${file}:${line}`
  }

  assert.equal(place('mitigation', 'armed'), '/etc/prefixd/prefixd.yaml:2')
  assert.equal(place('policy', 'quotas', 'global', 'activeMax'), '/etc/prefixd/prefixd.yaml:27')
  assert.equal(place('policy', 'safelist', 1, 'prefix'), '/etc/prefixd/prefixd.yaml:52')
  assert.equal(place('playbooks', 1, 'steps', 1, 'ttlSeconds'), '/etc/prefixd/playbooks.yaml:14')
  assert.equal(place('playbooks', 3), '/etc/prefixd/playbooks.yaml:18')
  assert.equal(place('networks', 1), '/etc/prefixd/inventory.yaml:4')
  assert.equal(place('inventory', 'customers', 0, 'assets', 0, 'prefix'), '/etc/prefixd/inventory.yaml:8')
  assert.equal(place('inventory', 'pops', 0, 'id'), '/etc/prefixd/prefixd.yaml:1')
  assert.equal(place('detection'), '/etc/prefixd/prefixd.yaml:0')
})

test('of secrets the places are kept at which they are written', () => {
  const { kept } = folderWith()

  assert.equal(kept?.pop, 'iad1')
  assert.equal(kept?.http?.listen, '0.0.0.0:8080')
  assert.deepEqual(kept?.bearerToken, { kind: 'environment', name: 'PREFIXD_API_TOKEN' })
  assert.deepEqual(kept?.database, {
    kind: 'in-file',
    file: '/etc/prefixd/prefixd.yaml',
    path: 'storage.connection_string',
  })
  assert.doesNotMatch(JSON.stringify(folderWith()), /hunter2/)
})

test('every key that is written is in the report, with its line and what becomes of it', () => {
  const { keys } = folderWith()

  const line = (key: string) => keys.find(one => one.key === key)
  assert.deepEqual(line('mode'), {
    file: '/etc/prefixd/prefixd.yaml',
    line: 2,
    column: 1,
    key: 'mode',
    times: 1,
    state: 'honoured',
    setting: 'mitigation.armed',
    note: 'enforced: armed, for exactly what the playbooks name. dry-run when not set, as in prefixd.',
  })
  assert.deepEqual(
    [line('playbooks[].name')?.times, line('playbooks[].name')?.file, line('playbooks[].name')?.line],
    [4, '/etc/prefixd/playbooks.yaml', 2],
  )
  assert.equal(line('storage.connection_string')?.state, 'kept')
  assert.equal(line('bgp.neighbors')?.state, 'not-carried')
  assert.equal(line('customers[].services[].allowed_ports.udp')?.state, 'translated')
  assert.deepEqual(
    [...new Set(keys.map(({ file }) => file))],
    ['/etc/prefixd/prefixd.yaml', '/etc/prefixd/inventory.yaml', '/etc/prefixd/playbooks.yaml'],
  )
})

test('files that are missing or wrong are told all at once, and refuse the folder', () => {
  const { problems, kept, isOrdered } = folderWith({
    'prefixd.yaml': MAIN.replace('mode: enforced', 'mode: armed'),
    'inventory.yaml': INVENTORY.replace('203.0.113.10,', '198.51.100.1,'),
    'playbooks.yaml': undefined,
  })
  const errors = problems.filter(({ severity }) => severity === 'error')

  assert.deepEqual(said(errors), [
    'prefixd.yaml:2 error prefixd-value mode: expected one of dry-run, enforced, found the text "armed"',
    'inventory.yaml:8 error inventory-outside customers[0].services[0].assets[0].ip: 198.51.100.1/32 lies in no prefix of its customer cust_bakery',
  ])
  assert.deepEqual([kept, isOrdered], [undefined, false])
  assert.deepEqual(
    said(folderWith({ 'playbooks.yaml': undefined, 'inventory.yaml': undefined }).problems).filter(text =>
      text.includes(' error '),
    ),
    [
      'inventory.yaml:0 error prefixd-file : there is no such file, and prefixd does not start without it',
      'playbooks.yaml:0 error prefixd-file : there is no such file, and prefixd does not start without it',
    ],
  )
})

test('how detectors agree is carried as it is written, and what nothing is matched by is told', () => {
  const correlation = {
    ...{ enabled: true, window_seconds: 60, min_sources: 2, confidence_threshold: 0.6, default_weight: 0.9 },
    confidence_decay_half_life_seconds: 30,
    sources: {
      fastnetmon: { type: 'detector', mode: 'primary', confidence_mapping: { ban: 0.9 } },
      router: { weight: 0.5, mode: 'corroborating', match_dimensions: ['customer_id', 'rack'] },
    },
  }

  const { settings, problems } = folderWith({ 'prefixd.yaml': mainWith({ correlation }) })

  assert.deepEqual(Object(settings).policy.correlation, {
    groups: {
      ...{ enabled: true, windowSeconds: 60, minSources: 2, threshold: 0.6, usualWeight: 0.9 },
      halfLifeSeconds: 30,
      sources: {
        fastnetmon: { weight: 1, type: 'detector', mode: 'primary', confidences: { ban: 0.9 } },
        router: { weight: 0.5, mode: 'corroborating', matchBy: ['customer'] },
      },
    },
  })
  assert.deepEqual(
    said(problems).filter(text => text.includes('correlation.')),
    [
      'prefixd.yaml:76 warning prefixd-not-carried correlation.sources.router.match_dimensions: nothing is matched by "rack"; known are customer_id, service_id, pop, interface',
    ],
  )
  const wrong = folderWith({
    'prefixd.yaml': mainWith({ correlation: { ...correlation, window_seconds: 2 } }),
  })
  assert.equal(wrong.kept, undefined)
  assert.match(said(wrong.problems).join('\n'), /error prefixd-value .*half_life_seconds: must not exceed 10/)
})

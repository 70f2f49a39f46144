// Numbers and attacks where others keep them: a real Redis, a real InfluxDB 1.x and
// a real ClickHouse with a login, a real Carbon and a real Prometheus.

import assert from 'node:assert/strict'
import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ethernet, filled, ipv4, ipv6, udp } from '#2-decode/frame/frames-for-tests.ts'
import { ETHER_TYPE } from '#2-decode/frame/layer.ts'
import { PROTOCOL } from '#2-decode/frame/transport.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { RECEIVER, VethPair } from '../veth-pair.ts'
import { ExportServers, PORTS } from './export-servers.ts'

const PROGRAMS = ['redis-server', 'influxd', 'carbon-cache', 'whisper-fetch', 'curl', 'ss']
const MORE = ['clickhouse-server', 'prometheus', 'promtool']
const LOGIN = ['mon itor', 'p&s%w +d#']
const HOST = '10.99.1.250'
const HOST6 = '2001:0db8:0099::0099'
const PAYLOAD = udp(1000, 80, filled(400))
const FRAMES = [
  ethernet(ETHER_TYPE.ipv4, ipv4({ protocol: PROTOCOL.udp, payload: PAYLOAD })),
  ethernet(ETHER_TYPE.ipv6, ipv6({ next: PROTOCOL.udp, payload: PAYLOAD })),
].flatMap(frame => Array<Uint8Array>(40).fill(Uint8Array.from(frame)))

const configOf = (passwordFile: string): string => `
networks: [10.99.0.0/16, '2001:db8:99::/48']
capture: { interfaces: [${RECEIVER}], workers: 1 }
metrics: { listen: '127.0.0.1:9209', topHosts: 5 }
mitigation: { armed: true }
enforcement: { notifyScript: { addressForm: padded } }
detection: { thresholds: { incoming: { packetsPerSecond: 200 }, outgoing: {} } }
evidence: { packets: 20 }
export:
  graphite: { server: 'localhost:${PORTS.carbon}', everySeconds: 1 }
  influxdb: { server: 'localhost:${PORTS.influxdb}', everySeconds: 1, form: head, user: '${LOGIN[0]}', passwordFile: ${passwordFile} }
  redis: { server: 'localhost:${PORTS.redis}', prefix: mydc1 }
`

async function setUp(t: TestContext) {
  const folder = temporaryFolder(t)
  const pair = new VethPair(t)
  pair.atReceiver('link', 'set', 'lo', 'up')
  const servers = new ExportServers(t, pair.receiving, folder)
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, `${LOGIN[1]}\n`)
  const write = (change: (text: string) => string) =>
    writeFileSync(join(folder, 'config.yaml'), change(configOf(passwordFile)))
  write(text => text)
  const start = () =>
    RunningDaemon.start({
      state: join(folder, 'state'),
      words: ['--config', join(folder, 'config.yaml')],
      spawn: (argv, options: SpawnOptions) =>
        spawn('ip', ['netns', 'exec', pair.receiving, ...argv], options),
    })
  const sending = setInterval(() => pair.send(FRAMES), 50)
  const stop = () => clearInterval(sending)
  t.after(stop)
  return { servers, start, stop, write, passwordFile }
}

test('speeds arrive in Carbon and InfluxDB, and an attack in Redis, under the names FastNetMon gives', async t => {
  if (!(await mayRunPrograms(t, PROGRAMS))) return
  const { servers, start, stop } = await setUp(t)
  await Promise.all([servers.redis(), servers.influxdb('fastnetmon', LOGIN[0]!, LOGIN[1]!), servers.carbon()])
  await using daemon = await start()
  const point = (from: string) => servers.newestPoint('fastnetmon', LOGIN, from)

  // In Redis: who is banned, with flows and packets.
  await servers.until(async () => (await servers.redisCli('exists', `mydc1_${HOST}_packets_dump`)) === '1')
  const information = JSON.parse(await servers.redisCli('get', `mydc1_${HOST}_information`))
  const flows = await servers.redisCli('get', `mydc1_${HOST}_flow_dump`)
  const packets = await servers.redisCli('get', `mydc1_${HOST}_packets_dump`)
  assert.equal(information.ip, HOST)
  assert.ok(information.attack_details.incoming_udp_pps >= 200)
  assert.match(
    flows,
    new RegExp(`^Incoming\n\nUDP flows: 1\n${HOST}:80 < 198.18.0.7:1000 \\d+ bytes \\d+ packets`),
  )
  assert.match(packets, new RegExp(`^IP: ${HOST}\nAttack type: udp_flood\n`))
  assert.equal(packets.match(/ protocol: udp frag: 0 {2}packets: 1 size: /g)?.length, 20)
  await servers.until(async () => (await servers.redisCli('exists', `mydc1_${HOST6}_packets_dump`)) === '1')

  // In InfluxDB: totals, networks and hosts of both IP versions, and our own counters.
  await servers.until(async () => (await point(`hosts_traffic WHERE host = '${HOST}'`)).size > 0)
  const host = await point(`hosts_traffic WHERE host = '${HOST}'`)
  assert.ok(Number(host.get('packets_incoming')) > 100)
  assert.ok(Number(host.get('udp_packets_incoming')) > 50)
  assert.equal(host.get('bits_outgoing'), 0)
  assert.equal(host.get('tcp_bits_incoming'), 0)
  // A network has speeds when its first window is over, which may be a push later.
  const network = () => point("networks_traffic WHERE network = '10.99.0.0/16'")
  await servers.until(async () => Number((await network()).get('udp_bits_incoming')) > 0)
  assert.ok((await point(`hosts_ipv6_traffic WHERE host = '${HOST6}'`)).size > 0)
  assert.ok((await point("networks_ipv6_traffic WHERE network = '2001:0db8:0099::/48'")).size > 0)
  const total = await point("total_traffic WHERE direction = 'incoming'")
  assert.ok(Number(total.get('packets')) > 100 && Number(total.get('flows')) >= 1)
  assert.ok((await point("total_traffic_ipv6 WHERE direction = 'incoming'")).size > 0)
  const counters = await point('system_counters')
  assert.ok(Number(counters.get('total_simple_packets_processed')) > 100)
  assert.equal(counters.get('influxdb_writes_failed'), 0)

  // In Carbon: the same, by names with dots.
  const carbon = (name: string) => servers.newestValue(`fastnetmon.${name}`)
  await servers.until(async () => (await carbon('hosts.10_99_1_250.incoming.average.pps')) !== undefined)
  assert.ok(((await carbon('hosts.10_99_1_250.incoming.average.bps')) ?? 0) > 100 * 400 * 8)
  await servers.until(async () => (await carbon('networks.10_99_0_0_16.incoming.pps')) !== undefined)
  await servers.until(async () => (await carbon('total.incoming.flows')) !== undefined)

  // For Prometheus: our networks, and what became of the pushes.
  const metrics = await servers.ask('curl', '-s', 'http://127.0.0.1:9209/metrics')
  assert.match(
    metrics,
    /^floodwarden_network_packets_per_second\{network="10.99.0.0\/16",direction="incoming"\} [1-9]/m,
  )
  assert.match(metrics, /^floodwarden_export_pushes_total\{to="influxdb",outcome="written"\} [1-9]/m)
  assert.match(metrics, /^floodwarden_export_pushes_total\{to="influxdb",outcome="failed"\} 0$/m)
  assert.match(metrics, /^fastnetmon_influxdb_writes_total [1-9]/m)
  assert.match(metrics, /^floodwarden_redis_keys_total\{outcome="written"\} 6$/m)
  stop()
  assert.equal((await daemon.stop()).code, 0)
  assert.ok(!JSON.stringify(daemon.log).includes(LOGIN[1]!))
})

test('speeds are rows of ClickHouse in the tables FastNetMon has, and Prometheus takes all metrics', async t => {
  if (!(await mayRunPrograms(t, MORE))) return
  const { servers, start, stop, write, passwordFile } = await setUp(t)
  write(
    text =>
      `${text.slice(0, text.indexOf('export:'))}export: { clickhouse: { server: 'localhost:${PORTS.clickhouse}', everySeconds: 1, user: floodwarden, passwordFile: ${passwordFile} } }\n`,
  )
  await servers.clickhouse('floodwarden', LOGIN[1]!)
  servers.prometheus('127.0.0.1:9209')
  await using daemon = await start()
  const newest = async (table: string, where: string) => {
    const query = `SELECT *, toUnixTimestamp(metricDateTime) AS at FROM fastnetmon.${table} WHERE ${where} ORDER BY metricDateTime DESC LIMIT 1`
    return (await servers.clickhouseRows(['floodwarden', LOGIN[1]!], query))[0] ?? {}
  }
  const isThere = (table: string, where: string, column: string) =>
    servers.until(async () => Number((await newest(table, where))[column]) > 50)

  // In ClickHouse: hosts, networks and totals of both IP versions, and our own counters.
  await isThere('host_metrics', `host = '${HOST}'`, 'udp_packets_incoming')
  await isThere('host_metrics_ipv6', `host = '${HOST6}'`, 'packets_incoming')
  await isThere('network_metrics', "network = '10.99.0.0/16'", 'udp_bits_incoming')
  await isThere('network_metrics_ipv6', "network = '2001:0db8:0099::/48'", 'bits_incoming')
  for (const table of ['total_metrics', 'total_metrics_ipv4', 'total_metrics_ipv6'])
    await isThere(table, "direction = 'incoming'", 'packets')
  await isThere('system_metrics', "name = 'total_simple_packets_processed'", 'value')
  const host = await newest('host_metrics', `host = '${HOST}'`)
  assert.equal(Number(host['bits_outgoing']), 0)
  assert.ok(Math.abs(Number(host['at']) - Date.now() / 1000) < 60)
  // Debian's version is older than TTL.
  assert.ok(daemon.log.some(({ message }) => message.startsWith('ClickHouse knows no TTL')))

  // Traffic of days ago, of a host nobody keeps, is read back from there.
  const ago = Math.floor(Date.now() / 1000 / 300) * 300 - 3 * 86_400
  const values = [ago, ago + 10].map((at, more) => `(${at}, '10.99.7.7', ${100 + 100 * more}, 800)`)
  await servers.clickhouseRows(
    ['floodwarden', LOGIN[1]!],
    `INSERT INTO fastnetmon.host_metrics (metricDateTime, host, packets_incoming, bits_incoming) VALUES ${values}`,
  )
  const iso = (at: number) => new Date(at * 1000).toISOString()
  const asked = { series: 'host:10.99.7.7', from: iso(ago), to: iso(ago + 600) }
  const fine = await daemon.call(ROUTES.trafficHistory, { ...asked, step: 10 })
  const coarse = await daemon.call(ROUTES.trafficHistory, asked)
  assert.deepEqual(fine.incoming.packets.slice(0, 3), [100, 200, null])
  assert.deepEqual([coarse.stepSeconds, coarse.incoming.packets[0], coarse.incoming.bits[0]], [300, 150, 800])

  // Prometheus reads them as OpenMetrics: only there a counter's metadata goes without _total, and has a unit.
  const ask = async (query: string) => JSON.stringify(await servers.prometheusAsk('query', `query=${query}`))
  await servers.until(async () => (await ask('floodwarden_host_packets_per_second')).includes(HOST))
  const metadata = await servers.prometheusAsk('metadata', 'metric=floodwarden_cpu_seconds')
  assert.partialDeepStrictEqual(metadata, { floodwarden_cpu_seconds: [{ type: 'counter', unit: 'seconds' }] })
  assert.match(await ask('up'), /"1"\]/)
  assert.match(await ask('fastnetmon_af_packet_packets_raw'), /"value"/)
  assert.match(await ask('floodwarden_export_lines_failed_total{to="clickhouse"}'), /"0"\]/)

  // The old format is what promtool lints. Bits, and minutes that are counted, are what operators ask for.
  const checked = await servers.ask(
    'sh',
    '-c',
    'curl -s http://127.0.0.1:9209/metrics | promtool check metrics 2>&1',
  )
  const lines = checked.split('\n').filter(line => line !== '')
  const isOurs = (line: string) => !line.startsWith('fastnetmon_') && !line.includes(' use base unit ')
  assert.deepEqual(lines.filter(isOurs), [])
  stop()
  assert.equal((await daemon.stop()).code, 0)
  assert.ok(!JSON.stringify(daemon.log).includes(LOGIN[1]!))
})

test('servers that are away hold up nothing; what is due in Redis arrives when it is back', async t => {
  if (!(await mayRunPrograms(t, PROGRAMS))) return
  const { servers, start, stop } = await setUp(t)
  await using daemon = await start()

  await daemon.until(({ message }) => message === 'attack opened')
  for (const message of ['numbers are not taken', 'Redis takes no keys; they wait'])
    await daemon.until(line => line.message === message)
  const redis = await servers.redis()
  await servers.until(async () => (await servers.redisCli('exists', `mydc1_${HOST}_packets_dump`)) === '1')

  // A server that hangs is given up too, and the end is not held up by it.
  redis.kill('SIGSTOP')
  await daemon.ask(['ban', '10.99.5.5'])
  stop()
  const ended = await daemon.stop()
  redis.kill('SIGKILL')
  await once(redis, 'exit')
  assert.equal(ended.code, 0)
  assert.ok(ended.seconds < 15, `it took ${ended.seconds} s to end`)
})

test('a reload moves exports to other servers: what waits for Redis arrives, and every counter goes on', async t => {
  if (!(await mayRunPrograms(t, PROGRAMS))) return
  const { servers, start, write } = await setUp(t)
  write(text => text.replaceAll(`:${PORTS.redis}`, ':1').replaceAll(`:${PORTS.carbon}`, ':2'))
  await Promise.all([servers.redis(), servers.carbon()])
  await using daemon = await start()
  await daemon.until(({ message }) => message === 'attack opened')
  for (const message of ['numbers are not taken', 'Redis takes no keys; they wait'])
    await daemon.until(line => line.message === message)
  const metric = async (name: string) => {
    const text = await servers.ask('curl', '-s', 'http://127.0.0.1:9209/metrics')
    return Number(
      text
        .split('\n')
        .find(line => line.startsWith(`${name} `))
        ?.split(' ')[1],
    )
  }
  const failed = 'floodwarden_export_pushes_total{to="graphite",outcome="failed"}'
  const failedBefore = await metric(failed)

  write(text => text)
  const { stdout, code } = await daemon.ask(['reload'])

  assert.equal(code, 0)
  assert.match(stdout, /^ {2}export\.graphite\.server$/m)
  assert.match(stdout, /^ {2}export\.redis\.server$/m)
  assert.doesNotMatch(stdout, /restart/)
  await servers.until(async () => (await servers.redisCli('exists', `mydc1_${HOST}_packets_dump`)) === '1')
  await servers.until(
    async () => (await servers.newestValue('fastnetmon.total.incoming.flows')) !== undefined,
  )
  assert.ok(failedBefore > 0 && (await metric(failed)) >= failedBefore)
  assert.ok((await metric('floodwarden_redis_failures_total')) > 0)
  assert.ok((await metric('floodwarden_redis_keys_total{outcome="written"}')) > 0)
})

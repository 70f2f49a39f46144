// Real servers that take numbers, in the namespace of a test: Redis, InfluxDB 1.x, Carbon, ClickHouse
// and Prometheus, each in a folder of its own.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../lab/command.ts'

/** In a namespace of the test nobody else has ports. */
export const PORTS = {
  redis: 6379,
  influxdb: 8086,
  carbon: 2003,
  clickhouse: 8123,
  prometheus: 9090,
} as const

export class ExportServers {
  readonly #t: TestContext
  readonly #namespace: string
  readonly #folder: string

  constructor(t: TestContext, namespace: string, folder: string) {
    this.#t = t
    this.#namespace = namespace
    this.#folder = folder
  }

  /** Runs a program in the namespace; its output. */
  async ask(...words: readonly string[]): Promise<string> {
    const { stdout } = await run(this.#inside(...words))
    return stdout
  }

  async redis(): Promise<ChildProcess> {
    const words = ['--port', `${PORTS.redis}`, '--save', '', '--appendonly', 'no', '--dir', this.#folder]
    const server = this.#start('redis-server', ...words)
    await this.until(async () => (await this.redisCli('ping')) === 'PONG')
    return server
  }

  async redisCli(...words: readonly string[]): Promise<string> {
    return (await this.ask('redis-cli', ...words)).trimEnd()
  }

  /** With authentication and a database: `user` may write to it. */
  async influxdb(database: string, user: string, password: string): Promise<ChildProcess> {
    const config = join(this.#folder, 'influxdb.conf')
    const directories = ['meta', 'data', 'wal'].map(name => join(this.#folder, `influxdb-${name}`))
    writeFileSync(
      config,
      `reporting-disabled = true
bind-address = "127.0.0.1:8088"
[meta]
  dir = "${directories[0]}"
[data]
  dir = "${directories[1]}"
  wal-dir = "${directories[2]}"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${PORTS.influxdb}"
  auth-enabled = true
  log-enabled = false
`,
    )
    const server = this.#start('influxd', '-config', config)
    const create = `CREATE USER "${user}" WITH PASSWORD '${password}' WITH ALL PRIVILEGES`
    await this.until(async () => (await this.#influx('', [], create)).includes('"statement_id":0'))
    await this.#influx('', [user, password], `CREATE DATABASE "${database}"`)
    return server
  }

  /** The newest point of a series, by column. */
  async newestPoint(database: string, login: readonly string[], from: string): Promise<Map<string, unknown>> {
    const text = await this.#influx(database, login, `SELECT * FROM ${from} ORDER BY time DESC LIMIT 1`)
    const [series] = JSON.parse(text).results[0].series ?? []
    if (series === undefined) return new Map()
    return new Map(series.columns.map((column: string, at: number) => [column, series.values[0][at]]))
  }

  async #influx(database: string, [user, password]: readonly string[], query: string): Promise<string> {
    const words = ['-s', '-G', `http://127.0.0.1:${PORTS.influxdb}/query`, '--data-urlencode', `q=${query}`]
    // Queries that change something are posted.
    const method = query.startsWith('CREATE') ? ['-X', 'POST'] : []
    const login = user === undefined ? [] : ['-u', `${user}:${password}`]
    return this.ask('curl', ...words, '--data-urlencode', `db=${database}`, ...login, ...method)
  }

  async carbon(): Promise<ChildProcess> {
    const root = join(this.#folder, 'carbon')
    mkdirSync(join(root, 'conf'), { recursive: true })
    writeFileSync(
      join(root, 'conf/carbon.conf'),
      `[cache]
STORAGE_DIR = ${root}
CONF_DIR = ${root}/conf
LOG_DIR = ${root}
PID_DIR = ${root}
LOCAL_DATA_DIR = ${root}/whisper
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = ${PORTS.carbon}
ENABLE_UDP_LISTENER = False
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
CACHE_QUERY_INTERFACE = 127.0.0.1
ENABLE_TAGS = False
MAX_CREATES_PER_MINUTE = inf
`,
    )
    writeFileSync(join(root, 'conf/storage-schemas.conf'), '[all]\npattern = .*\nretentions = 1s:10m\n')
    const server = this.#start('carbon-cache', '--nodaemon', `--config=${root}/conf/carbon.conf`, 'start')
    await this.until(async () => (await this.ask('ss', '-ltnH', `sport = :${PORTS.carbon}`)) !== '')
    return server
  }

  /** `user` may make databases and write. */
  async clickhouse(user: string, password: string): Promise<ChildProcess> {
    const root = join(this.#folder, 'clickhouse')
    mkdirSync(root)
    const text = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    const account = '<networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>'
    writeFileSync(
      join(root, 'users.xml'),
      `<yandex><profiles><default/></profiles><quotas><default/></quotas><users>
<default><password>nobody knows</password>${account}</default>
<${user}><password>${text(password)}</password>${account}</${user}></users></yandex>`,
    )
    writeFileSync(
      join(root, 'config.xml'),
      `<yandex><logger><level>warning</level><console>1</console></logger>
<http_port>${PORTS.clickhouse}</http_port><listen_host>127.0.0.1</listen_host>
<path>${root}/data/</path><tmp_path>${root}/tmp/</tmp_path><mark_cache_size>5000000</mark_cache_size>
<users_config>${root}/users.xml</users_config><default_profile>default</default_profile>
<default_database>default</default_database></yandex>`,
    )
    const server = this.#start('clickhouse-server', `--config-file=${root}/config.xml`)
    const ping = ['-s', `http://127.0.0.1:${PORTS.clickhouse}/ping`]
    await this.until(async () => (await run(this.#inside('curl', ...ping))).stdout.startsWith('Ok'))
    return server
  }

  /** Rows of an answer, by column. */
  async clickhouseRows(login: readonly string[], query: string): Promise<Record<string, unknown>[]> {
    const [user, password] = login
    const headers = ['-H', `X-ClickHouse-User: ${user}`, '-H', `X-ClickHouse-Key: ${password}`]
    const url = `http://127.0.0.1:${PORTS.clickhouse}/`
    const text = await this.ask(
      'curl',
      '-s',
      ...headers,
      '--data-binary',
      query.startsWith('SELECT') ? `${query} FORMAT JSONEachRow` : query,
      url,
    )
    // A table is there a moment after the first push began.
    if (/^Code: (?:60|81),/.test(text)) return []
    assert.doesNotMatch(text, /^Code:/)
    return text
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line))
  }

  /** It scrapes an address of its namespace each second. */
  prometheus(target: string): ChildProcess {
    const root = join(this.#folder, 'prometheus')
    mkdirSync(root)
    const job = { job_name: 'floodwarden', static_configs: [{ targets: [target] }] }
    const config = { global: { scrape_interval: '1s' }, scrape_configs: [job] }
    writeFileSync(join(root, 'prometheus.yml'), JSON.stringify(config))
    const listen = `--web.listen-address=127.0.0.1:${PORTS.prometheus}`
    const words = [`--config.file=${root}/prometheus.yml`, `--storage.tsdb.path=${root}/data`, listen]
    return this.#start('prometheus', ...words)
  }

  /** What Prometheus answers below /api/v1; `undefined` while it does not. */
  async prometheusAsk(path: string, parameter: string): Promise<unknown> {
    const url = `http://127.0.0.1:${PORTS.prometheus}/api/v1/${path}`
    const { stdout } = await run(this.#inside('curl', '-s', '-G', '--data-urlencode', parameter, url))
    return stdout.startsWith('{') ? JSON.parse(stdout).data : undefined
  }

  #inside(...words: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.#namespace, ...words]
  }

  /** The newest value Carbon holds under a name, `undefined` while there is none. */
  async newestValue(name: string): Promise<number | undefined> {
    const path = join(this.#folder, 'carbon/whisper', `${name.replaceAll('.', '/')}.wsp`)
    const { stdout } = await run(['whisper-fetch', path])
    const values = stdout.split('\n').flatMap(line => {
      const value = line.split(/\s+/)[1]
      return value === undefined || value === '' || value === 'None' ? [] : [Number(value)]
    })
    return values.at(-1)
  }

  async until(isSo: () => Promise<boolean>, seconds = 20): Promise<void> {
    const deadline = performance.now() + seconds * 1000
    while (!(await isSo())) {
      assert.ok(performance.now() < deadline, `it did not come to it\n${this.#told()}`)
      await sleep(100)
    }
  }

  #told(): string {
    return readFileSync(join(this.#folder, 'servers.log'), 'utf8').slice(-2000)
  }

  #start(program: string, ...words: readonly string[]): ChildProcess {
    const server = spawn(
      'sh',
      ['-c', 'exec ip netns exec "$0" "$@" >>servers.log 2>&1', this.#namespace, program, ...words],
      { cwd: this.#folder, stdio: 'ignore' },
    )
    this.#t.after(async () => {
      if (server.exitCode !== null || server.signalCode !== null) return
      server.kill('SIGKILL')
      await once(server, 'exit')
    })
    return server
  }
}

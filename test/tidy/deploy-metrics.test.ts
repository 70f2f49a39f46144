// Alert rules and dashboards in deploy/ ask for metrics by name and label: every one of them must be declared.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { exportsOf } from '../../scripts/docs/exports.ts'
import { mayRunProgram } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import {
  badGrid,
  type Dashboard,
  expressionsOf,
  inventedIn,
  type Known,
  variablesOf,
} from './deploy-expressions.ts'

const ROOT = join(import.meta.dirname, '../..')
const RULES = 'deploy/prometheus/floodwarden.rules.yml'
const DASHBOARDS = globSync('deploy/grafana/*.json', { cwd: ROOT })
const PROMTOOL = '/usr/bin/promtool'

const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

const dashboardOf = (path: string): Dashboard => JSON.parse(textOf(path))

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly annotations: Readonly<Record<string, string>>
}

function rules(): Rule[] {
  const { groups } = readYaml(textOf(RULES), RULES).settings as { groups: { rules: Rule[] }[] }
  return groups.flatMap(group => group.rules)
}

/** What is declared: labels of each metric, and the source beside its declaration, which holds the values of labels. */
async function known(): Promise<Known> {
  const metrics = new Map<string, { labels: readonly string[]; source: string }>()
  for (const { folder, exports } of await exportsOf('metrics.ts')) {
    const files = globSync(`src/${folder}/*.ts`, { cwd: ROOT }).filter(file => !file.includes('test'))
    const source = files.map(textOf).join('\n')
    for (const value of Object.values(exports).filter(Array.isArray).flat())
      if (value?.name && value.kind) metrics.set(value.name, { labels: value.labels ?? [], source })
  }
  return metrics
}

test('rules and dashboards name metrics, labels and values of labels that there are', async () => {
  const metrics = await known()
  const texts = [
    ...rules().flatMap(({ expr, annotations }) => [{ expr, legends: Object.values(annotations).join(' ') }]),
    ...DASHBOARDS.map(dashboardOf).flatMap(dashboard => [
      ...expressionsOf(dashboard),
      ...variablesOf(dashboard),
    ]),
  ]

  assert.ok(metrics.size > 150)
  assert.ok(texts.length > 50)
  assert.deepEqual(
    texts.flatMap(({ expr, legends }) => inventedIn(expr, legends, metrics)),
    [],
  )
})

test('what is renamed is found', async () => {
  const metrics = await known()
  const invented = (expr: string, legends = '') => inventedIn(expr, legends, metrics)

  assert.deepEqual(invented('rate(floodwarden_attacks_opened_total[5m])'), [
    'floodwarden_attacks_opened_total',
  ])
  assert.deepEqual(invented('sum by (kind) (floodwarden_mitigations)'), [
    'kind in sum by (kind) (floodwarden_mitigations)',
  ])
  assert.deepEqual(invented('floodwarden_mitigations{status="x"}'), ['floodwarden_mitigations{status}'])
  assert.deepEqual(invented('floodwarden_mitigations{state=~"announced|aloft"}'), [
    'floodwarden_mitigations{state="aloft"}',
  ])
  assert.deepEqual(invented('floodwarden_hosts', '{{host}}'), ['{{host}} of floodwarden_hosts'])
})

test('dashboards have the shape Grafana imports: one data source to choose, panels that do not overlap', () => {
  assert.deepEqual(DASHBOARDS.toSorted(), [
    'deploy/grafana/floodwarden-health.json',
    'deploy/grafana/floodwarden-overview.json',
  ])
  const uids = new Set<string>()
  for (const path of DASHBOARDS) {
    const dashboard = dashboardOf(path)
    uids.add(dashboard.uid)
    assert.ok(
      dashboard.schemaVersion >= 39 && dashboard.id === null && dashboard.title.startsWith('Floodwarden'),
    )
    assert.deepEqual(
      dashboard.templating.list.map(({ name, type }) => [name, type]),
      [
        ['datasource', 'datasource'],
        ['instance', 'query'],
      ],
    )
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
    assert.deepEqual(badGrid(dashboard), [])
    for (const { type, datasource, targets, description } of dashboard.panels) {
      if (type === 'row') continue
      assert.equal(datasource?.uid, '${'.concat('datasource}'))
      assert.ok(description && targets && targets.length > 0)
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length)
      assert.ok(targets.every(target => target.datasource.uid === datasource?.uid))
    }
  }
  assert.equal(uids.size, DASHBOARDS.length)
})

test('promtool takes the rules, their cases, and every expression of the dashboards', t => {
  if (!mayRunProgram(t, PROMTOOL)) return
  const cwd = join(ROOT, 'deploy/prometheus')
  const promtool = (...words: string[]) => spawnSync(PROMTOOL, words, { cwd, encoding: 'utf8' })
  const asked = DASHBOARDS.flatMap(path => expressionsOf(dashboardOf(path)))
  const recorded = asked.map(({ expr }, at) => ({
    record: `dashboard:${at}`.replace(':', '_'),
    expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'),
  }))
  const file = join(temporaryFolder(t), 'dashboards.yml')
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules: recorded }] }))

  for (const words of [
    ['check', 'rules', 'floodwarden.rules.yml'],
    ['test', 'rules', 'floodwarden.rules.test.yml'],
    ['check', 'rules', file],
    ['check', 'config', '--syntax-only', 'prometheus.example.yml'],
  ]) {
    const { status, stdout, stderr } = promtool(...words)
    assert.equal(status, 0, `${stdout}${stderr}`)
  }
})

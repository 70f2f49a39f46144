// The gate before each push: lint, types, unit tests and tidy tests side by side; prints what failed, and how long each took.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** A script of package.json, and which share of the unit tests it runs ("1/3" in UNIT_SHARD). */
interface Part {
  readonly script: 'unit' | 'tidy' | 'lint' | 'types' | 'web'
  readonly shard?: string
}

/** The slowest first. Unit tests wait as long as they work, so three processes keep two cores busy. */
const PARTS: readonly Part[] = [
  { script: 'unit', shard: '1/3' },
  { script: 'unit', shard: '2/3' },
  { script: 'unit', shard: '3/3' },
  { script: 'types' },
  { script: 'web' },
  { script: 'lint' },
  { script: 'tidy' },
]

const ROOT = join(import.meta.dirname, '..')
/** What V8 compiled is kept: threads and programs of the tests start sooner. */
const ENVIRONMENT = { NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/compiled'), ...process.env }

interface Result {
  readonly part: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
  readonly output: string
}

const started = performance.now()
const results = await Promise.all(PARTS.map(run))
for (const result of results.filter(({ failed }) => failed > 0)) {
  console.log(`--- ${result.part} ---\n${failuresOf(result.output)}\n`)
}
for (const { part, passed, failed, seconds, output } of results) {
  const time = `${seconds.toFixed(1).padStart(5)} s`
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'} ${part.padEnd(8)} ${time}  ${countText(passed, failed)}`)
  for (const skipped of output.match(/^\s*﹣ .*$/gm) ?? [])
    console.log(`  skipped: ${skipped.trim().slice(2)}`)
}
const [passed, failed] = [sum(results, 'passed'), sum(results, 'failed')]
console.log(`check: ${countText(passed, failed)} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
process.exitCode = failed === 0 ? 0 : 1

async function run({ script, shard }: Part): Promise<Result> {
  const begun = performance.now()
  const child = spawn(process.execPath, ['--run', script], {
    cwd: ROOT,
    env: shard === undefined ? ENVIRONMENT : { ...ENVIRONMENT, UNIT_SHARD: shard },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    text(child.stderr),
  ])
  const output = `${stdout}${stderr}`
  const part = shard === undefined ? script : `${script} ${shard}`
  return { part, ...countsOf(output, code === 0), seconds: (performance.now() - begun) / 1000, output }
}

function countText(passed: number, failed: number): string {
  return `${passed} passed, ${failed} failed`
}

function sum(of: readonly Result[], field: 'passed' | 'failed'): number {
  return of.reduce((total, result) => total + result[field], 0)
}

/** Tests count one by one, a linter as one; a part that failed without a failing test counts as one failure. */
function countsOf(output: string, isFine: boolean): { passed: number; failed: number } {
  const count = (word: string) => Number(new RegExp(`^ℹ ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? 0)
  const failed = count('fail') + count('cancelled')
  if (isFine) return { passed: count('pass') || 1, failed: 0 }
  return { passed: count('pass'), failed: failed || 1 }
}

/** Of a test run only what failed; of others everything. */
function failuresOf(output: string): string {
  const at = output.indexOf('✖ failing tests:')
  return output.slice(Math.max(at, 0)).trim()
}

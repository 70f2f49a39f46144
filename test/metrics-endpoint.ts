// Numbers of a daemon's metrics endpoint, read strictly.

import assert from 'node:assert/strict'
import { type ParsedFamily, parseExposition } from '#export/prometheus/strict-parser.ts'
import { mustRun } from '../lab/command.ts'
import type { Lab } from '../lab/namespace.ts'
import { until } from './until.ts'

export class Metrics {
  readonly families: readonly ParsedFamily[]

  constructor(text: string) {
    this.families = parseExposition(text)
  }

  /** Sum of the samples that have these labels. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const family = this.families.find(candidate => candidate.name === name)
    assert.ok(family, `there is a metric ${name}`)
    return family.samples
      .filter(sample => Object.entries(labels).every(([key, value]) => sample.labels.get(key) === value))
      .reduce((sum, sample) => sum + sample.value, 0)
  }
}

/** The metrics as soon as a number is so large: what was sent is counted a moment later. Whether it is the number that is meant, the caller asserts. */
export async function metricsFrom(
  read: () => Promise<Metrics>,
  { name, labels, atLeast }: { name: string; labels?: Readonly<Record<string, string>>; atLeast: number },
): Promise<Metrics> {
  let metrics = await read()
  const isThere = async () => {
    if (metrics.value(name, labels) >= atLeast) return true
    metrics = await read()
    return false
  }
  await until(isThere, `${name} of ${atLeast}`)
  return metrics
}

/** Metrics of the daemon in a lab's detector, which listens in a network of its own. */
export async function metricsInLab(lab: Lab, port = 9209): Promise<Metrics> {
  const read = `process.stdout.write(await (await fetch('http://127.0.0.1:${port}/metrics')).text())`
  const argv = [process.execPath, '--input-type=module', '-e', read]
  return new Metrics(await mustRun(['ip', 'netns', 'exec', lab.namespace('detector'), ...argv]))
}

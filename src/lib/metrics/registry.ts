// All metrics of a process: what was declared, and who tells the values when somebody asks.

import { assert } from '#lib/assert.ts'
import type { MetricDeclaration, MetricSource, MetricValue } from './metric.ts'

/** A declared metric with its values at one moment. */
export interface MetricFamily {
  readonly declaration: MetricDeclaration
  readonly values: readonly MetricValue[]
}

const METRIC_NAME = /^[a-z][a-z0-9_]*$/
const LABEL_NAME = /^[a-z][a-z0-9_]*$/

export class MetricRegistry {
  readonly #declarations = new Map<string, MetricDeclaration>()
  readonly #sources: MetricSource[] = []

  /** Adds what a part of the program declares and counts. A name may be declared once. */
  add(declarations: readonly MetricDeclaration[], source: MetricSource): void {
    for (const declaration of declarations) {
      assert(METRIC_NAME.test(declaration.name), `metric name ${declaration.name} is well formed`)
      assert(declaration.help.length > 0, `metric ${declaration.name} has a help text`)
      assert(!this.#declarations.has(declaration.name), `metric ${declaration.name} is declared once`)
      for (const label of declaration.labels ?? []) {
        assert(LABEL_NAME.test(label) && !label.startsWith('__'), `label ${label} is well formed`)
      }
      this.#declarations.set(declaration.name, declaration)
    }
    this.#sources.push(source)
  }

  get declarations(): readonly MetricDeclaration[] {
    return [...this.#declarations.values()]
  }

  /** Every declared metric that has a value now, in the order of declaration. */
  read(): MetricFamily[] {
    const values = new Map<string, MetricValue[]>()
    for (const source of this.#sources) {
      for (const value of source()) {
        this.#check(value)
        const family = values.get(value.name)
        if (family === undefined) values.set(value.name, [value])
        else family.push(value)
      }
    }
    const families: MetricFamily[] = []
    for (const declaration of this.#declarations.values()) {
      const found = values.get(declaration.name)
      if (found !== undefined) families.push({ declaration, values: found })
    }
    return families
  }

  #check(value: MetricValue): void {
    const declaration = this.#declarations.get(value.name)
    assert(declaration !== undefined, `metric ${value.name} is declared`)
    const names = Object.keys(value.labels ?? {})
    const declared = declaration.labels ?? []
    const agree = names.length === declared.length && names.every(name => declared.includes(name))
    assert(agree, `labels of ${value.name} are those declared: ${declared.join(', ') || 'none'}`)
  }
}

// A metric is declared where it is counted (name, kind, help, unit in the name) and read when somebody asks.

export interface MetricDeclaration {
  /** Prometheus name with its unit, such as `floodwarden_capture_dropped_packets_total`. */
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  readonly help: string
  readonly labels?: readonly string[]
}

/** One value of a declared metric at the moment of reading. */
export interface MetricValue {
  readonly name: string
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

/** Whoever counts something offers its values; they are computed on reading, never pushed. */
export type MetricSource = () => Iterable<MetricValue>

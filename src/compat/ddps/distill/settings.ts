// What may be set of distilling as DDPS does it.

export interface DdpsDistilling {
  /** Fewer lines make no rule. */
  readonly linesMin: number
  /** `range`: from the least to the most, as DDPS does. `values`: the refinement its design describes and it never got. */
  readonly fields: 'range' | 'values'
  /** Of the refinement: at most so many values, if together they are more than this share of the lines. */
  readonly valuesMax: number
  readonly valuesShare: number
  /** More than this share of the lines must have a protocol for the rule to name it. */
  readonly protocolShare: number
  /** More than this share of the lines must be fragments for the rule to say so. */
  readonly fragmentShare: number
}

export const DDPS_DISTILLING: DdpsDistilling = {
  linesMin: 3,
  fields: 'range',
  valuesMax: 10,
  valuesShare: 0.1,
  protocolShare: 0.5,
  fragmentShare: 0.5,
}

/** What DDPS says of each rule it makes. */
export const DDPS_DESCRIPTION = 'API mitigation (fastnetmon)'
export const DDPS_SECONDS = 600

// The heavy sources of the whole flood, in a part of the samples.

import { type Cell, type Ground, narrowed } from './ground.ts'
import { floodWeight, isSupported, PART_MIN, type Proposal } from './proposal.ts'

export function proposeSources(ground: Ground, cell: Cell): Proposal[] {
  const floodTotal = floodWeight(ground, cell)
  return ground.sources
    .map(predicate => ({ predicate, ...weightsOf(narrowed(ground, cell, predicate)) }))
    .filter(
      proposal =>
        isSupported(ground, proposal.attackWeight) && floodWeight(ground, proposal) >= PART_MIN * floodTotal,
    )
}

const weightsOf = ({ attackWeight, calmWeight }: Cell) => ({ attackWeight, calmWeight })

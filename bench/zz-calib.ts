import { shapeOfFrames } from '#4-detection/shape-for-tests.ts'
import { nameAttack } from '#4-detection/name-attack.ts'
import { weigh } from '#4-detection/suspicion.ts'
import { framesOf, VECTOR_CASES } from '../lab/vectors/vectors.ts'
for (const c of VECTOR_CASES) {
  const out: string[] = []
  for (const [what, maker] of [['A', c.attack], ['H', c.neighbour.packets]] as const) for (const n of [60, 250, 700]) {
    const shape = shapeOfFrames(framesOf(maker, { packets: n }), c.direction ?? 'incoming')
    const s = weigh({ shape, finding: nameAttack(shape), friends: 0, novel: undefined, impossible: 0, seesAnswers: true })
    out.push(`${what}${n}=${s?.weight}`)
  }
  const flag = out.some(o => o.startsWith('A') && Number(o.split('=')[1]) < 0.8) || out.some(o => o.startsWith('H') && !(Number(o.split('=')[1]) <= 0.25))
  console.log(flag ? '!' : ' ', c.vector, c.direction ?? '', out.join(' '))
}

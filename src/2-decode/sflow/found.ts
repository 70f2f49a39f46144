// Hot path. Which records a sample has: where in the datagram the content of each begins, 0 for those it has not.
//
// One array for all samples, as the plan in elements/plan.ts is one for all templates, and for the same reason.

export const FOUND_AT = {
  header: 0,
  headerBytes: 1,
  ethernet: 2,
  ipv4: 3,
  ipv6: 4,
  switch: 5,
  gateway: 6,
  gatewayEnd: 7,
  vlans: 8,
  decapsulate: 9,
} as const

export const FOUND = new Int32Array(Object.keys(FOUND_AT).length)

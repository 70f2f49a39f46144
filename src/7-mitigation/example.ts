// What mitigations of examples and tests have in common: where they come from, and how long they live.

/** Of a proposal. */
export const EXAMPLE_STEP = { playbook: 'call-script', step: 0 } as const

/** Of a mitigation. */
export const EXAMPLE_LIFE = { ...EXAMPLE_STEP, ttlSeconds: 3600, isStanding: false } as const

// Roles, from the least to the most: each may what those before it may.

import type { Role } from '#api/contract/access.ts'

export type { Role }
export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']

// What a desk did, as a route answers it.

import type { Done } from '../control.ts'
import type { ErrorCode } from '../errors.ts'
import type { RouteAnswer } from '../route.ts'

export const answerOf = <T>(done: Done<T, ErrorCode>): RouteAnswer<T> =>
  done.kind === 'done' ? { kind: 'ok', value: done.value } : done

// What a route of the contract is: where it is, what it takes, what it gives.

import type { z } from 'zod'

const ROOT = '/api/v1'

/**
 * `input` is one flat object: fields named in the path travel there, the others in the query (GET, DELETE) or in a
 * JSON body (POST, PUT, PATCH). `output` is the JSON body of a success.
 */
export interface Route<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Parameters as `:name`. */
  readonly path: string
  readonly summary: string
  readonly success: 200 | 201 | 202
  readonly input: Input
  readonly output: Output
}

/** Whether what is not in the path of a request is in its body. */
export const takesBody = (method: string): boolean =>
  method === 'POST' || method === 'PUT' || method === 'PATCH'

/** A route that reads; `path` below the root of this version. */
export function get<Input extends z.ZodType, Output extends z.ZodType>(
  path: string,
  summary: string,
  input: Input,
  output: Output,
): Route<Input, Output> {
  return { method: 'GET', path: `${ROOT}${path}`, summary, success: 200, input, output }
}

/** A route that changes something. */
export function write<Input extends z.ZodType, Output extends z.ZodType>(
  method: Exclude<Route['method'], 'GET'>,
  path: string,
  summary: string,
  input: Input,
  output: Output,
  success: Route['success'] = 200,
): Route<Input, Output> {
  return { method, path: `${ROOT}${path}`, summary, success, input, output }
}

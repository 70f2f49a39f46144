// A gRPC service from a .proto file beside the code: its methods with their paths and the codecs of their messages.

import { loadSync, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader'
import { assert } from '#lib/assert.ts'

export type Method = MethodDefinition<object, object>

/**
 * Reads a service, such as `apipb.GobgpApi`. Messages are plain objects with the field names of the file; 64-bit numbers are
 * numbers; `Any` is an object with its type in `@type`.
 */
export function loadService(protoFile: string, name: string): ServiceDefinition {
  const loaded = loadSync(protoFile, {
    keepCase: true,
    longs: Number,
    enums: String,
    defaults: true,
    arrays: true,
    json: true,
  })
  const service = loaded[name]
  assert(service !== undefined && !('format' in service), `${protoFile} defines the service ${name}`)
  return service
}

export function methodOf(service: ServiceDefinition, name: string): Method {
  const method = service[name]
  assert(method !== undefined, `the service has the method ${name}`)
  return method
}

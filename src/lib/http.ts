// What is used of Node's HTTP, without an import of it: an import reads every name of a module, and three names of this one
// load a whole client of fetch and WebSocket, 2 MB of heap that nothing here needs.

export const { Agent, createServer, request } = process.getBuiltinModule('node:http')

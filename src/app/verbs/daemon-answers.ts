// Whether a daemon answers on a control socket.

import { socketClient } from '#api/contract/client.ts'
import { ROUTES } from '#api/contract/routes.ts'

export async function daemonAnswers(socket: string): Promise<boolean> {
  const answer = await socketClient(socket).call(ROUTES.health, {})
  return answer.kind === 'ok'
}

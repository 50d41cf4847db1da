import type { ServerResponse } from "node:http";

/**
 * Ends an answer that cannot be finished by resetting the connection. After a normal close, an answer without a declared
 * length would look complete to an HTTP/1.0 client (nginx behaves so towards its upstream): the end of the connection is
 * the end of the answer.
 */
export function cutShort(response: ServerResponse): void {
  const { socket } = response;
  if (response.writableFinished || socket === null) return void response.destroy();
  socket.resetAndDestroy();
}

/** Makes `destroy` reset the connection of an unfinished answer. Streams call it after an error. */
export function resetWhenCutShort(response: ServerResponse): void {
  const destroy = response.destroy.bind(response);
  response.destroy = (error) => {
    if (!response.writableFinished) response.socket?.resetAndDestroy();
    return destroy(error);
  };
}

import type { ServerResponse } from "node:http";

/**
 * Ends an answer that cannot be finished, by resetting the connection. Closed in the usual way, an answer whose length was not
 * said before would look whole to who speaks HTTP/1.0, as nginx does to what it stands in front of: there, the end of the
 * connection is the end of the answer.
 */
export function cutShort(response: ServerResponse): void {
  const { socket } = response;
  if (response.writableFinished || socket === null) return void response.destroy();
  socket.resetAndDestroy();
}

/** Makes whoever destroys an answer before it is finished, as streams do at an error, reset the connection. */
export function resetWhenCutShort(response: ServerResponse): void {
  const destroy = response.destroy.bind(response);
  response.destroy = (error) => {
    if (!response.writableFinished) response.socket?.resetAndDestroy();
    return destroy(error);
  };
}

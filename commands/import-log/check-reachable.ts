import { ImportStopped } from "./import-stopped.ts";
import { type Service, send } from "./service.ts";

/**
 * Asks once whether anybody is there at all: someone who forgot to start the services wants to know now, not after
 * two minutes of tries.
 *
 * @throws {ImportStopped} when nobody is.
 */
export async function checkReachable(service: Service): Promise<void> {
  const sent = await send(
    { ...service, key: undefined },
    { method: "GET", path: "livez" },
    new AbortController().signal,
  );
  if (sent.kind === "answer") return;
  throw new ImportStopped(
    `No ${service.name} answers at ${service.url} (${sent.reason}): start the services with \`npm start\`, or name its address with ${service.option}.`,
  );
}

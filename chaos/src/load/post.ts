import { Agent, request } from "node:http";

/** The result of a request for its sender. */
export type Answer =
  | { kind: "acknowledged"; body: string }
  | { kind: "refused"; status: number; body: string }
  /** No process listened: the request was not received. */
  | { kind: "unreachable" }
  /** Reset, or not answered in time: the request may have been accepted. */
  | { kind: "unknown" };

/** Milliseconds that a website waits for an answer. */
const ANSWER_MS_MAX = 5_000;
const CONNECTIONS_MAX = 512;

/** Posts JSON to a port of loopback. Never rejects. */
export type Post = (port: number | undefined, path: string, body: object) => Promise<Answer>;

/** A sender with connections that stay open. */
export function createPost(serverKey: string): { post: Post; close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  const post: Post = (port, path, body) => {
    if (port === undefined) return Promise.resolve({ kind: "unreachable" });
    const text = JSON.stringify(body);
    return new Promise((resolve) => {
      const posting = request(
        {
          ...{ agent, port, path, host: "127.0.0.1", method: "POST", timeout: ANSWER_MS_MAX },
          headers: {
            "Content-Type": "application/json",
            "Content-Length": Buffer.byteLength(text),
            Authorization: `Bearer ${serverKey}`,
          },
        },
        (response) => {
          let answer = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => {
            answer += chunk;
          });
          response.on("error", () => resolve({ kind: "unknown" }));
          response.on("end", () => {
            const status = response.statusCode ?? 0;
            resolve(
              status === 202
                ? { kind: "acknowledged", body: answer }
                : { kind: "refused", status, body: answer },
            );
          });
        },
      );
      posting.on("timeout", () => posting.destroy(new Error("no answer in time")));
      posting.on("error", (error) => {
        const isRefused = "code" in error && error.code === "ECONNREFUSED";
        resolve({ kind: isRefused ? "unreachable" : "unknown" });
      });
      posting.end(text);
    });
  };
  return { post, close: () => agent.destroy() };
}

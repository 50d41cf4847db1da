// The cookie stores, with the types of real frameworks.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Request, Response } from "express";
import type { H3Event } from "h3";
import type { H3Event as H3EventOfV1 } from "h3-v1";
import type { CookieStore } from "model-views-client";
import { h3Cookies, nodeCookies } from "model-views-client/cookies";

export function stores(
  [request, response]: [IncomingMessage, ServerResponse],
  [req, res]: [Request, Response],
  [event, eventOfV1]: [H3Event, H3EventOfV1],
): CookieStore[] {
  return [nodeCookies(request, response), nodeCookies(req, res), h3Cookies(event), h3Cookies(eventOfV1)];
}

// The types of Next.js that the entry `model-views-client/next` uses. Next.js is not installed here: it is a large package,
// and the website brings its own version. The tests also compile the entry with the types of a real Next.js.

declare module "next/headers.js" {
  type CookieOptions = {
    httpOnly?: boolean;
    sameSite?: true | false | "lax" | "strict" | "none";
    secure?: boolean;
    maxAge?: number;
    path?: string;
  };
  export function cookies(): Promise<{
    get(name: string): { name: string; value: string } | undefined;
    set(name: string, value: string, options?: CookieOptions): unknown;
  }>;
  export function headers(): Promise<{ get(name: string): string | null }>;
}

declare module "next/server.js" {
  type Cookies = {
    get(name: string): { name: string; value: string } | undefined;
    set(name: string, value: string, options?: object): unknown;
  };
  export class NextRequest extends Request {
    get cookies(): Cookies;
  }
  export class NextResponse extends Response {
    get cookies(): Cookies;
    static next(init?: { request?: { headers?: Headers } }): NextResponse;
  }
  export function after(task: () => unknown): void;
}

declare const process: { env: Record<string, string | undefined> };

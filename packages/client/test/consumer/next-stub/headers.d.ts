// As next/headers of Next.js 15 has them, as far as the example needs them.
type RequestCookie = { name: string; value: string };
type CookieOptions = {
  httpOnly?: boolean | undefined;
  sameSite?: true | false | "lax" | "strict" | "none" | undefined;
  secure?: boolean | undefined;
  maxAge?: number | undefined;
  path?: string | undefined;
};
interface RequestCookies {
  get(...args: [name: string] | [RequestCookie]): RequestCookie | undefined;
  set(
    ...args:
      | [key: string, value: string, cookie?: Partial<CookieOptions>]
      | [options: RequestCookie & CookieOptions]
  ): RequestCookies;
}
export declare function cookies(): Promise<RequestCookies>;
export declare function headers(): Promise<{ get(name: string): string | null }>;

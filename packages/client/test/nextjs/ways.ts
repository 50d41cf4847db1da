/** Pages of the example site, each of which counts in another way. */
export const WAYS = [
  { way: "the component", path: (slug: string) => `/models/${slug}` },
  { way: "a server action", path: (slug: string) => `/models/${slug}/card` },
  { way: "the script", path: (slug: string) => `/lookbook/${slug}` },
];

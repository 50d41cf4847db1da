/** The pages of the example site by which views are counted: each in another way. */
export const WAYS = [
  { way: "the component", path: (slug: string) => `/models/${slug}` },
  { way: "a server action", path: (slug: string) => `/models/${slug}/card` },
  { way: "the script", path: (slug: string) => `/lookbook/${slug}` },
];

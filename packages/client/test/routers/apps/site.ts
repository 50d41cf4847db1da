/** The website that every router shows: two models, and a list without one. */
const models: Record<string, string | undefined> = {
  anna: "0190aaaa-0000-7000-8000-00000000000a",
  list: undefined,
  bella: "0190bbbb-0000-7000-8000-00000000000b",
};

export const names = Object.keys(models);

export function modelIdOf(name: string): string | undefined {
  return models[name];
}

/** The attribute of the element or script tag that names the model of a page; empty where the page has none. */
export function attributeOf(name: string): string {
  const modelId = models[name];
  return modelId === undefined ? "" : `data-model-id="${modelId}"`;
}

/** The script tag of a page; a test puts the address of ingest in its place. */
export function tagOf(name: string): string {
  return `<script async src="http://ingest.example/tracker.js" ${attributeOf(name)}></script>`;
}

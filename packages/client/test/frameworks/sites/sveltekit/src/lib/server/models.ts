import { MODELS } from "$app/env/private";

type Model = { id: string; name: string; way: string };

/** The agency's models, each with the way in which its views are counted. Stands in for a database. */
export const models: Model[] = JSON.parse(MODELS ?? "[]");

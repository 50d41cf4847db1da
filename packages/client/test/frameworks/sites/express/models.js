/**
 * The agency's models, each with the way in which its views are counted. Stands in for a database.
 *
 * @type {{ id: string; name: string; way: string }[]}
 */
export const models = JSON.parse(process.env.MODELS ?? "[]");

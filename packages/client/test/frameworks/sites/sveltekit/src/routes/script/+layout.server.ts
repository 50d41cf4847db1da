import { models } from "#lib/server/models";

export const load = () => ({ models: models.filter(({ way }) => way === "script") });

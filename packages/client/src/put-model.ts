import { type Model, parseModel } from "./answers.ts";
import { callService } from "./call-service.ts";
import { type CallOptions, callOptions, type Settings } from "./config.ts";
import { checkModelId } from "./uuid.ts";

/** Creates a model, or changes its name and category. */
export async function putModel(
  { admin, call }: Settings,
  { id, name, category = null }: { id: string; name: string; category?: string | null | undefined },
  options: CallOptions = {},
): Promise<Model> {
  checkModelId(id, "id");
  const write = { method: "PUT", body: { name, category } } as const;
  return callService(
    admin,
    { path: `/v1/models/${id}`, write, parse: parseModel },
    callOptions(call, options),
  );
}

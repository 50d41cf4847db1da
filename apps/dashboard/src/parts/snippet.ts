/** Where the snippet's placeholders stand for what is not known. */
export const PLACEHOLDER_ADDRESS = "https://views.example.org";
export const PLACEHOLDER_MODEL = "00000000-0000-4000-8000-000000000001";

/** The tag that counts views of a model's page, as HTML. */
export function snippetOf(ingestAddress: string, modelId: string): string {
  const src = `${ingestAddress.trim().replace(/\/+$/, "") || PLACEHOLDER_ADDRESS}/model-views.js`;
  return `<script async src="${escapeAttribute(src)}" data-model-id="${escapeAttribute(modelId)}"></script>`;
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

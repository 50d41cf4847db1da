import { modelViews } from "../../model-views";

export default async function Page() {
  return <p>{`viewer: ${await modelViews.viewerIdentifier()}`}</p>;
}

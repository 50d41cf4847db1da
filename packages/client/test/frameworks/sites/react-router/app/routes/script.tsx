import { Outlet } from "react-router";
import type { Route } from "./+types/script";

export const loader = () => ({ ingestUrl: process.env.PUBLIC_INGEST_URL });

export default function Layout({ loaderData }: Route.ComponentProps) {
  return (
    <>
      <script async src={`${loaderData.ingestUrl}/model-views.js`} data-model-id="" />
      <Outlet />
    </>
  );
}

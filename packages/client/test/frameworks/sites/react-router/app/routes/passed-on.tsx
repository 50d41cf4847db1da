import { Outlet } from "react-router";

export default function Layout() {
  return (
    <>
      <script async src="/model-views.js" data-model-id="" />
      <Outlet />
    </>
  );
}

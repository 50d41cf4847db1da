import { Link, useLocation } from "react-router";
import { models } from "../models.server";
import type { Route } from "./+types/list";

export function loader({ request }: Route.LoaderArgs) {
  const { pathname } = new URL(request.url);
  return models.filter(({ way }) => pathname.startsWith(`/${way}`));
}

export default function List({ loaderData }: Route.ComponentProps) {
  const { pathname } = useLocation();
  return (
    <>
      <h1>Models</h1>
      {loaderData.map(({ id, name }) => (
        <Link key={id} to={`${pathname}/models/${id}`} prefetch="intent">
          {name}
        </Link>
      ))}
    </>
  );
}

import { Link } from "react-router";

type Model = { id: string; name: string };

export function Profile({ way, model, models }: { way: string; model: Model; models: Model[] }) {
  return (
    <>
      <h1>{model.name}</h1>
      <Link to={`/${way}`}>Models</Link>
      {models.map(({ id, name }) => (
        <Link key={id} to={`/${way}/models/${id}`} prefetch="intent">
          {name}
        </Link>
      ))}
    </>
  );
}

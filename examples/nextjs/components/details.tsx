import type { Model } from "@/lib/models";

/** The details that a booker needs first. */
export function Details({ model }: { model: Model }) {
  const details = [
    ["Based in", model.base],
    ["Height", `${model.height} cm`],
    ["Hair", model.hair],
    ["Eyes", model.eyes],
    ["Shoes", `${model.shoes} EU`],
  ];
  return (
    <dl className="details">
      {details.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

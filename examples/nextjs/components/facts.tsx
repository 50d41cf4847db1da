import type { Model } from "@/lib/models";

/** What a booker asks first. */
export function Facts({ model }: { model: Model }) {
  const facts = [
    ["Based in", model.base],
    ["Height", `${model.height} cm`],
    ["Hair", model.hair],
    ["Eyes", model.eyes],
    ["Shoes", `${model.shoes} EU`],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

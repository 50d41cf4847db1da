"use client";

import { useFormStatus } from "react-dom";

export function RefreshButton() {
  const { pending } = useFormStatus();
  return (
    <button className="refresh" type="submit" disabled={pending}>
      {pending ? "Counting…" : "Count again"}
    </button>
  );
}

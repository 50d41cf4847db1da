import { liveOperations } from "./live.ts";
import { modelOperations } from "./models.ts";
import type { Operation } from "./operation.ts";
import { periodOperations } from "./periods.ts";
import { serviceOperations } from "./service.ts";
import { statsOperations } from "./stats.ts";
import { viewerOperations } from "./viewers.ts";

export type Group = { name: string; description: string; operations: Record<string, Operation> };

/** Everything that can be asked of the API, as the document groups it. A test fails when a route is not here. */
export const groups: readonly Group[] = [
  {
    name: "Statistics",
    description: "Views and viewers of models, and which were viewed most",
    operations: statsOperations,
  },
  {
    name: "Periods",
    description: "Views and viewers over time, and by where they came from",
    operations: periodOperations,
  },
  { name: "Live", description: "What happens now", operations: liveOperations },
  { name: "Models", description: "The website's models", operations: modelOperations },
  { name: "Viewers", description: "What is known of a single viewer", operations: viewerOperations },
  { name: "Service", description: "For whoever runs it", operations: serviceOperations },
];

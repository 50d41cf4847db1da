import type { PipelineAnswer, ServiceStatus } from "@model-views/shared/contracts/pipeline.ts";

type Services = PipelineAnswer["services"];

/**
 * What a reader who is no admin sees of the processes: whether each is ready, and not why. Reasons may name hosts and users of
 * databases, and are otherwise on the admin ports alone.
 */
export function withoutReasons(services: Services): Services {
  return "data" in services ? { data: services.data.map(hideReasons) } : services;
}

function hideReasons(status: ServiceStatus): ServiceStatus {
  const { isReady, problems } = status;
  if (!isReady) return { ...status, problems: ["is not ready; an admin sees why"] };
  return problems.length === 0
    ? status
    : { ...status, problems: ["warns of something; an admin sees of what"] };
}

import type { Route, RouteGroup } from "../http/route.ts";
import { audienceRoute } from "./audience.ts";
import { breakdownRoute } from "./breakdown.ts";
import { breakdownsRoute } from "./breakdowns.ts";
import type { RouteDeps } from "./deps.ts";
import { documentRoute } from "./docs.ts";
import { listFailedJobsRoute, retryFailedJobsRoute } from "./failed-jobs.ts";
import { frontPageRoute } from "./front-page.ts";
import { livenessRoute, readinessRoute } from "./health.ts";
import { hoursOfWeekRoute } from "./hours-of-week.ts";
import { liveRoute } from "./live.ts";
import { deleteModelRoute, getModelRoute, listModelsRoute, putModelRoute } from "./models.ts";
import { modelsTableRoute } from "./models-table.ts";
import { overviewRoute } from "./overview.ts";
import { pipelineRoute } from "./pipeline.ts";
import { redriveRoute } from "./rejected.ts";
import { beginSessionRoute, endSessionRoute, getSessionRoute } from "./session.ts";
import { settingsRoute } from "./settings.ts";
import { siteStatsRoute } from "./site-stats.ts";
import { manyStatsRoute, modelStatsRoute } from "./stats.ts";
import { modelTimeseriesRoute, timeseriesRoute } from "./timeseries.ts";
import { topRoute } from "./top.ts";
import { eraseViewerRoute, exportViewerRoute } from "./viewers.ts";
import { modelViewersRoute, siteViewersRoute } from "./viewers-over-time.ts";

/** Every route of the API, in the order and under the headings of the document. Where two paths match, the first one serves. */
export const routeGroups: readonly RouteGroup<Route<RouteDeps>>[] = [
  {
    name: "Statistics",
    description: "Views and viewers of models, and which were viewed most",
    routes: [siteStatsRoute, manyStatsRoute, topRoute, modelsTableRoute, modelStatsRoute, frontPageRoute],
  },
  {
    name: "Periods",
    description: "Views and viewers over time, and by where they came from",
    routes: [
      modelTimeseriesRoute,
      timeseriesRoute,
      modelViewersRoute,
      siteViewersRoute,
      breakdownRoute,
      breakdownsRoute,
      audienceRoute,
      hoursOfWeekRoute,
    ],
  },
  {
    name: "Overview",
    description: "Everything that the first page of a dashboard shows",
    routes: [overviewRoute],
  },
  {
    name: "Session",
    description: "Signing in to the dashboard",
    routes: [getSessionRoute, beginSessionRoute, endSessionRoute],
  },
  { name: "Live", description: "What happens now", routes: [liveRoute] },
  {
    name: "Models",
    description: "The website's models",
    routes: [listModelsRoute, getModelRoute, putModelRoute, deleteModelRoute],
  },
  {
    name: "Viewers",
    description: "What is stored about a single viewer",
    routes: [exportViewerRoute, eraseViewerRoute],
  },
  {
    name: "Service",
    description: "For operators",
    routes: [
      pipelineRoute,
      redriveRoute,
      listFailedJobsRoute,
      retryFailedJobsRoute,
      settingsRoute,
      livenessRoute,
      readinessRoute,
      documentRoute,
    ],
  },
];

# One image for every service: docker-compose.yml says which one a container runs.
# The code of the services runs as it is written: Node 24 strips the types. Only the dashboard is built.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
ENV CI=1
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/ingest/package.json apps/ingest/
COPY apps/worker/package.json apps/worker/
COPY apps/stats-api/package.json apps/stats-api/
COPY packages/shared/package.json packages/shared/
COPY packages/db/package.json packages/db/
# The services need neither the commands nor what starts local servers, and --no-optional leaves out the second Node.
RUN npx -y pnpm@10.34.9 install --frozen-lockfile --prod --no-optional \
      --filter "@model-views/ingest..." --filter "@model-views/worker..." --filter "@model-views/stats-api..."

FROM node:24-bookworm-slim AS dashboard
WORKDIR /app
ENV CI=1
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.base.json ./
COPY apps/dashboard apps/dashboard
COPY packages packages
# With optional dependencies: the compiler's binary is one.
RUN npx -y pnpm@10.34.9 install --frozen-lockfile --ignore-scripts --filter "@model-views/dashboard" \
 && node apps/dashboard/build.ts --out /app/dashboard

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
# Where the stats API finds the dashboard.
ENV DASHBOARD_DIR=/app/dashboard
COPY --from=dependencies /app ./
COPY --from=dashboard /app/dashboard dashboard
COPY apps/ingest/src apps/ingest/src
COPY apps/ingest/assets apps/ingest/assets
COPY apps/worker/src apps/worker/src
COPY apps/stats-api/src apps/stats-api/src
COPY packages/shared/src packages/shared/src
COPY packages/db/src packages/db/src
COPY packages/db/migrations packages/db/migrations
# Ingest's spool; a new volume mounted here belongs to the user below.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 4001 4002
# Node, not npm, as process 1's child: signals reach it, and init reaps what is left (see docker-compose.yml).
CMD ["node", "apps/ingest/src/main.ts"]

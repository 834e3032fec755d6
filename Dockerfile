# syntax=docker/dockerfile:1.7-labs
# WeConnect in one image: `up` runs everything in one process, other commands the rest. Runs as an ordinary user, with a read-only root:
# what it keeps is in /data, and nothing else is written but /tmp.
FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY contracts/package.json contracts/
COPY projections/package.json projections/
COPY --parents infra/*/package.json services/*/package.json tools/*/package.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:26-slim
ENV NODE_ENV=production WECONNECT_NO_INSTALL=1 WECONNECT_DATA=/data WECONNECT_HOST=0.0.0.0 PORT=4000
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY . .
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["./weconnect"]
CMD ["up"]

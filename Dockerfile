# docker build -t gerbang .
# The same image serves the gateway and, for trying it out, the network simulator (see compose.yaml).
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.base.json ./
COPY packages ./packages
COPY bench/tsconfig.json ./bench/
COPY bench/src ./bench/src
COPY test ./test
RUN npm ci --no-audit --no-fund --ignore-scripts && npx tsc -b \
  && find packages -path '*/dist/*' \( -name '*.test.js*' -o -name '*.tsbuildinfo' \) -delete \
  && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:22-slim
ENV NODE_ENV=production GERBANG_HOST=0.0.0.0 GERBANG_PORT=4010
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages ./packages
COPY LICENSE ./
# A named volume takes over the owner of the folder that it is mounted on.
RUN install -d -o node -g node -m 700 /var/lib/gerbang-simulator
USER node
EXPOSE 4010
# The process stops by itself on SIGTERM: it finishes the payments in flight first.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.GERBANG_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "packages/cli/bin/gerbang.js"]
CMD ["serve"]

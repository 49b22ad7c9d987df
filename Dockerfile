# The runner as an image: `docker run --rm --read-only --tmpfs /tmp -v "$PWD:/repository" IMAGE validate`.
# Nothing of a registry or a secret is built in: the repository is mounted, secrets come as variables or mounted files.

FROM node:24-bookworm-slim AS base
WORKDIR /opt/cre
COPY package.json package-lock.json .npmrc ./

# Everything that building and testing needs.
FROM base AS sources
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .

FROM sources AS build
RUN node src/tools/build.ts

# What the program needs when it runs, and nothing else.
FROM base AS packages
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# The application of the lifecycle test (docker-compose.test.yml): not for use elsewhere.
FROM sources AS consumer
USER node
EXPOSE 8080 8443
CMD ["node", "--disable-warning=ExperimentalWarning", "src/testing/lifecycle/consumer/main.ts"]

FROM node:24-bookworm-slim AS runner
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git openssh-client \
  && rm -rf /var/lib/apt/lists/* \
  # Whoever mounts a repository is another user than the one who made it.
  && git config --system safe.directory /repository
WORKDIR /opt/cre
COPY --from=packages /opt/cre/node_modules node_modules
COPY --from=build /opt/cre/dist dist
COPY package.json LICENSE ./
COPY frameworks frameworks
COPY registry/schema registry/schema
RUN ln -s /opt/cre/dist/cli/main.js /usr/local/bin/cre
# The one folder that it writes to beside the repository: the root may be read-only.
ENV NODE_ENV=production HOME=/tmp
USER node
WORKDIR /repository
ENTRYPOINT ["cre"]
CMD ["--help"]

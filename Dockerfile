# Two images: `dchat` (every command of dchat, the default) and `chain` (the profile `dev` of docker-compose.yml).

FROM node:24-slim AS chain
WORKDIR /app/hardhat
COPY hardhat/package.json hardhat/package-lock.json hardhat/.npmrc ./
RUN npm ci && ln -s "$PWD"/node_modules/@foundry-rs/anvil-*/bin/anvil /usr/local/bin/anvil
COPY contracts ../contracts
COPY hardhat ./
RUN npm run compile && install -d -o node /chain /deployments && chown -R node artifacts cache
USER node

FROM node:24-slim AS graphiql
WORKDIR /app/graphql/graphiql
COPY graphql/graphiql ./
RUN npm ci && npm run copy

FROM python:3.13-slim AS packages
COPY requirements/runtime.lock /tmp/
RUN python -m venv /opt/dchat \
 && /opt/dchat/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement /tmp/runtime.lock
WORKDIR /app
COPY LICENSE pyproject.toml ./
COPY contracts contracts
COPY graphql graphql
COPY indexer indexer
COPY migrations migrations
COPY workers workers
RUN /opt/dchat/bin/pip install --no-deps --no-build-isolation --editable .

FROM python:3.13-slim AS dchat
RUN useradd --system --no-create-home dchat && install -d -o dchat /var/lib/dchat /var/lib/dchat/ipfs
COPY --from=packages /opt/dchat /opt/dchat
COPY --from=packages /app /app
COPY --from=graphiql /app/graphql/api/static /app/graphql/api/static
ENV PATH=/opt/dchat/bin:$PATH
WORKDIR /var/lib/dchat
USER dchat
EXPOSE 8000
ENTRYPOINT ["dchat"]
CMD ["--help"]

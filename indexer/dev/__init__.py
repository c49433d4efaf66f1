"""What `dchat up` starts: embedded Postgres and Redis, a dev chain, a deployment, a community."""

"""E-mail: digests of what happened, for those who verified their address."""

"""Our store as a service: the IPFS Pinning Service API, for those who were given a token."""

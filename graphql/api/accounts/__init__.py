"""Who asks: sign-in with a wallet, tokens, sessions, and keys for encryption between clients."""

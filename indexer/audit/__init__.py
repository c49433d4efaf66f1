"""The index against the contracts: what is asked, how answers are told apart, what differs."""

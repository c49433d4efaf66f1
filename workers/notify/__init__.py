"""People are told: who they are, and what they find in their notifications."""

"""A stand-in for Telegram: the Bot API, and people with phones who write to the bots."""

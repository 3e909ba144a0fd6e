"""A small, honest Telegram: a Bot API server with a control side for the people who talk to the bot."""

"""How fast the bot is, measured beside bots as people usually write them."""

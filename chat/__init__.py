"""How we speak Telegram: transport, sender, cards, keyboards, callback data, and the dates people type."""

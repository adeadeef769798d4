"""Ways to reach a person: Telegram by a thin client of our own, any other service through apprise.

>>> Telegram(token, base_url).send(chat, ["Good morning."])
"""

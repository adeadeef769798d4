"""What opens over a screen: it asks one thing and goes away."""

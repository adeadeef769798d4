"""Notes in and out: JSON lines, folders of markdown, Obsidian vaults. What goes out comes in again, byte for byte."""

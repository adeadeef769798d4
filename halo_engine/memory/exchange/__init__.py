"""Notes in and out: JSON lines, a folder of markdown, an Obsidian vault. What goes out comes in again, byte for byte."""

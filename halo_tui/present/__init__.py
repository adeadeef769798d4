"""Pure formatting: from what a query answers to lines of text with a tone. Nothing here knows Textual."""

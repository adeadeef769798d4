"""The notes and their links as a picture: gathered, laid out, drawn as a page, a drawing or text.

>>> page.html(gathering.gather(workspace, Selection(focus="note-42", depth=2)))
"""

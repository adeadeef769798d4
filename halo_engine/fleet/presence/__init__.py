"""Who is there: where an instance is at home, who runs in its folder, its signs of life, and why it stands still.

>>> occupant(layout(workspace, instance)) or standing(instance.name, layout(workspace, instance))
"""

"""What runs for an instance: messages come in, each ends answered, or failed and told, whatever is killed in between.

$ halo-engine instance run dad
"""

"""The module against plain programs of the published algorithms."""

"""What the screens share: shell, cached queries, widgets, charts."""

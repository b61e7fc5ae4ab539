"""Explanations made before and after a recommendation."""

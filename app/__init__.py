"""Shell, cached queries, findings and charts of the browser workbench."""

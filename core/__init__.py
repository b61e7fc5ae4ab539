"""The ground floor: tables, errors, cards, loading, splitting. Imports no sibling package."""

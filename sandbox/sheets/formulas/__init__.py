"""Formulas: cut into tokens, read into trees, evaluated, and moved with the cells they name."""

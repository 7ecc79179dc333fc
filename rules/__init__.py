"""The sales rules: pure functions from a workbook's tables to findings and reports."""

"""One pass over a workbook: read a snapshot, plan purely, apply through ports."""

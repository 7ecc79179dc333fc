"""Sheets v4: the state of workbooks, and the methods that read and change it."""

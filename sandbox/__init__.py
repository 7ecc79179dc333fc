"""A local stand-in for Google's Sheets v4, Drive v3 and Gmail v1 APIs and its token endpoint."""

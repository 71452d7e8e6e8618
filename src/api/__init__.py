"""The api speaks: HTTP, command line, console, importers, exports."""
